// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/certificate_trouble.hpp"

#include "connect/trust_anchors.hpp"
#include "domain/printable.hpp"

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace binarly::connect {
namespace {

/// Names in a certificate are as hostile as anything else that a server sends.
constexpr std::size_t longest_name = 160;
constexpr std::size_t longest_names = 240;

struct bio_freer {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct names_freer {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

/// What `write` puts into a BIO, made fit for one line.
template <class Write>
std::string written(std::size_t limit, Write write) {
  const std::unique_ptr<BIO, bio_freer> bio(BIO_new(BIO_s_mem()));
  if (!bio) return "?";
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  if (size <= 0) return "?";
  return domain::printable(std::string_view(data, static_cast<std::size_t>(size)), limit);
}

std::string text_of(const X509_NAME* name) {
  return written(longest_name, [name](BIO* out) {
    X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  });
}

std::string text_of(const ASN1_TIME* time) {
  return written(longest_name,
                 [time](BIO* out) { ASN1_TIME_print_ex(out, time, ASN1_DTFLGS_ISO8601); });
}

/// The hosts that a certificate is for.
std::string names_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, names_freer> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return "no host";
  return written(longest_names, [&names](BIO* out) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
      if (i > 0) BIO_puts(out, ", ");
      GENERAL_NAME_print(out, sk_GENERAL_NAME_value(names.get(), i));
    }
  });
}

std::string words_for(int error, const X509* certificate) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "is not yet valid";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "is for another host: " + names_of(certificate);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "is self-signed, and not among the trusted ones";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "was signed by an authority that is not trusted: the issuer is unknown here";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "was signed by an unknown issuer, or the server does not send the certificates in "
             "between";
    case X509_V_ERR_INVALID_PURPOSE:
      return "is not meant for servers";
    default:
      return std::string("is refused: ") + X509_verify_cert_error_string(error);
  }
}

std::string describe(int error, const X509* certificate) {
  if (certificate == nullptr) return words_for(error, nullptr);
  return words_for(error, certificate) + " (" + text_of(X509_get_subject_name(certificate)) +
         ", issued by " + text_of(X509_get_issuer_name(certificate)) + ", valid from " +
         text_of(X509_get0_notBefore(certificate)) + " to " +
         text_of(X509_get0_notAfter(certificate)) + ")";
}

/// Asio owns the application's own slot.
int trouble_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* text, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<std::string*>(text);
      });
  return index;
}

int on_verified(int good, X509_STORE_CTX* store) {
  // The last one that is looked at is the server's own.
  if (good == 1 && X509_STORE_CTX_get_error_depth(store) == 0 && !ends_at_anchor(store)) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    good = 0;
  }
  if (good == 1) return good;
  auto* const tls =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  try {
    auto text = std::make_unique<std::string>(
        describe(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store)));
    const std::unique_ptr<std::string> before(
        static_cast<std::string*>(SSL_get_ex_data(tls, trouble_index())));
    SSL_set_ex_data(tls, trouble_index(), nullptr);
    if (SSL_set_ex_data(tls, trouble_index(), text.get()) == 1) (void)text.release();
  } catch (const std::exception&) {
    // Out of memory: the refusal stands, without its words.
  }
  return good;
}

}  // namespace

void watch_verification(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verified);
}

std::string certificate_trouble(const SSL* tls) {
  const auto* const text = static_cast<const std::string*>(SSL_get_ex_data(tls, trouble_index()));
  return text != nullptr ? *text : std::string();
}

}  // namespace binarly::connect
