// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/trust_anchors.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace binarly::connect {
namespace {

struct freer {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using certificate = std::unique_ptr<X509, freer>;
using certificates = std::vector<certificate>;

int anchors_index() {
  static const int index = X509_STORE_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* anchors, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<certificates*>(anchors);
      });
  return index;
}

const certificates* known_anchors(X509_STORE* store) {
  return static_cast<const certificates*>(X509_STORE_get_ex_data(store, anchors_index()));
}

certificates& anchors_of(X509_STORE* store) {
  auto* anchors = static_cast<certificates*>(X509_STORE_get_ex_data(store, anchors_index()));
  if (anchors != nullptr) return *anchors;
  auto fresh = std::make_unique<certificates>();
  if (X509_STORE_set_ex_data(store, anchors_index(), fresh.get()) != 1) throw std::bad_alloc();
  return *fresh.release();
}

bool signed_itself(X509* which) { return X509_self_signed(which, 0) == 1; }

}  // namespace

void accept_as_anchors(SSL_CTX* context, std::string_view pem) {
  const auto size = std::min<std::size_t>(pem.size(), std::numeric_limits<int>::max());
  const std::unique_ptr<BIO, freer> in(BIO_new_mem_buf(pem.data(), static_cast<int>(size)));
  if (!in) throw std::bad_alloc();
  // Without a function OpenSSL would ask at the terminal for what is encrypted.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  while (certificate next{PEM_read_bio_X509(in.get(), nullptr, no_passphrase, nullptr)}) {
    if (signed_itself(next.get())) continue;
    anchors_of(SSL_CTX_get_cert_store(context)).push_back(std::move(next));
  }
  ERR_clear_error();  // that the text has ended
  accept_anchors(context);
}

void accept_anchors(SSL_CTX* context) {
  if (known_anchors(SSL_CTX_get_cert_store(context)) == nullptr) return;
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
}

bool ends_at_anchor(X509_STORE_CTX* verified) {
  auto* const chain = X509_STORE_CTX_get0_chain(verified);
  const int size = sk_X509_num(chain);
  if (size <= 0) return false;
  // Where the server's own certificate is in the store, the rest of its chain means nothing.
  const bool by_itself = X509_STORE_CTX_get_num_untrusted(verified) == 0;
  if (signed_itself(sk_X509_value(chain, by_itself ? 0 : size - 1))) return true;
  const auto* const anchors = known_anchors(X509_STORE_CTX_get0_store(verified));
  if (anchors == nullptr) return false;
  return std::any_of(anchors->begin(), anchors->end(), [chain, size](const certificate& each) {
    for (int i = 0; i < size; ++i) {
      if (X509_cmp(each.get(), sk_X509_value(chain, i)) == 0) return true;
    }
    return false;
  });
}

}  // namespace binarly::connect
