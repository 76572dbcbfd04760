// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/failure.hpp>
#include <binarly/testing/certificate_authority.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace binarly::testing {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

[[noreturn]] void fail(const char* what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw failure_error(failure(errc::invalid_argument, std::string("certificate: ") + what +
                                                          " failed in OpenSSL: " + reason.data()));
}

void require(bool success, const char* what) {
  if (!success) fail(what);
}

key_ptr make_key() {
  key_ptr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "making a key");
  return key;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  const bio_ptr bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
  return text_of(bio.get());
}

std::string to_pem(EVP_PKEY* key) {
  const bio_ptr bio(BIO_new(BIO_s_secmem()));
  require(
      bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "writing a key");
  return text_of(bio.get());
}

certificate_ptr make_certificate(const std::string& common_name, EVP_PKEY* key,
                                 std::chrono::seconds from, std::chrono::seconds until) {
  certificate_ptr certificate(X509_new());
  require(certificate != nullptr, "making a certificate");
  X509* raw = certificate.get();
  require(X509_set_version(raw, X509_VERSION_3) == 1, "setting the version");

  // 127 random bits: RFC 5280 wants a positive number of at most 20 octets.
  const number_ptr serial(BN_new());
  require(serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(raw)) != nullptr,
          "making a serial number");

  require(X509_gmtime_adj(X509_getm_notBefore(raw), from.count()) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(raw), until.count()) != nullptr,
          "setting the validity");

  std::string name = common_name;
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<unsigned char*>(name.data()),
                                     static_cast<int>(name.size()), -1, 0) == 1,
          "setting the common name");
  require(X509_set_pubkey(raw, key) == 1, "setting the public key");
  return certificate;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

/// Joined for OpenSSL's configuration syntax, in which a comma would smuggle in another name.
std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool known = name.starts_with("DNS:") || name.starts_with("IP:");
    const bool plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
    if (!known || !plain || name.find(',') != std::string::npos) {
      throw failure_error(failure(errc::invalid_argument,
                                  "names: each is DNS:… or IP:…, without spaces and commas"));
    }
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1,
          "setting the issuer");
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "signing a certificate");
}

}  // namespace

struct certificate_authority::impl {
  /// Makes an authority that `issuer` has signed, or that is its own root.
  impl(const std::string& common_name, const std::string& constraints, const impl* issuer)
      : key(make_key()) {
    using namespace std::chrono_literals;
    // Older and longer-lived than what it signs, save for what a test backdates on purpose.
    certificate = make_certificate(common_name, key.get(), -24h, 24h * 30);
    X509* raw = certificate.get();
    const impl& signer = issuer != nullptr ? *issuer : *this;
    add_extension(raw, raw, NID_basic_constraints, constraints);
    add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(raw, raw, NID_subject_key_identifier, "hash");
    if (issuer != nullptr) {
      add_extension(raw, signer.certificate.get(), NID_authority_key_identifier, "keyid:always");
    }
    sign(raw, signer.certificate.get(), signer.key.get());
    pem = to_pem(raw);
  }

  key_ptr key;
  certificate_ptr certificate;
  std::string pem;
};

certificate_authority::certificate_authority()
    : impl_(std::make_unique<impl>("binarly-images test authority", "critical,CA:TRUE,pathlen:1",
                                   nullptr)) {}

certificate_authority::certificate_authority(std::unique_ptr<impl> made) noexcept
    : impl_(std::move(made)) {}

certificate_authority::~certificate_authority() = default;

const std::string& certificate_authority::ca_pem() const noexcept { return impl_->pem; }

certificate_authority certificate_authority::make_subordinate() const {
  return certificate_authority(std::make_unique<impl>("binarly-images subordinate test authority",
                                                      "critical,CA:TRUE,pathlen:0", impl_.get()));
}

certificate_and_key certificate_authority::issue(const certificate_request& request) const {
  const key_ptr key = make_key();
  const certificate_ptr certificate =
      make_certificate(request.common_name, key.get(), request.valid_from, request.valid_until);
  X509* raw = certificate.get();
  X509* issuer = request.self_signed ? raw : impl_->certificate.get();
  add_extension(raw, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(raw, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(raw, issuer, NID_ext_key_usage,
                request.purpose == certificate_purpose::server ? "serverAuth" : "clientAuth");
  add_extension(raw, issuer, NID_subject_key_identifier, "hash");
  // A self-signed certificate needs none, and its own identifier is all that it could name.
  if (!request.self_signed) {
    add_extension(raw, issuer, NID_authority_key_identifier, "keyid:always");
  }
  if (!request.names.empty()) {
    add_extension(raw, issuer, NID_subject_alt_name, joined(request.names));
  }
  sign(raw, issuer, request.self_signed ? key.get() : impl_->key.get());

  certificate_and_key made;
  made.certificate = to_pem(raw);
  made.key = to_pem(key.get());
  return made;
}

}  // namespace binarly::testing
