// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tls_context.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace binarly::connect {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::size_t largest_bundle = 16 * 1024 * 1024;

[[noreturn]] void refuse(std::string reason) {
  throw failure_error(failure(errc::invalid_argument, std::move(reason)));
}

/// One thing in PEM form, and how the options name where it comes from.
struct pem_source {
  std::string text;
  std::string name;
};

std::string read_bundle(const std::string& path, const std::string& name) {
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(name + " cannot be read: " + std::generic_category().message(errno));
  std::string text(largest_bundle + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) refuse(name + " cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_bundle) refuse(name + " is larger than 16 MiB");
  return text;
}

pem_source from_file(const std::string& path, const std::string& option) {
  const std::string name = "tls." + option + " \"" + path + '"';
  return {read_bundle(path, name), name};
}

pem_source pem_of(const std::string& path, const std::string& text, const std::string& option) {
  return path.empty() ? pem_source{text, "tls." + option + "_pem"}
                      : from_file(path, option + "_file");
}

void trust(ssl::context& context, const pem_source& authorities) {
  // Asio takes a text without any certificate for a success.
  if (authorities.text.find("-----BEGIN") == std::string::npos) {
    refuse(authorities.name + " holds no certificate in PEM form");
  }
  error_code failed;
  context.add_certificate_authority(boost::asio::buffer(authorities.text), failed);
  if (failed) refuse(authorities.name + " cannot be used: " + failed.message());
}

/// The client's own certificate and key.
void identify(ssl::context& context, const tls_options& options) {
  const auto certificate = pem_of(options.certificate_file, options.certificate_pem, "certificate");
  auto key = pem_of(options.key_file, options.key_pem, "key");
  if (certificate.text.empty() && key.text.empty()) return;
  if (certificate.text.empty()) refuse(key.name + " is given without a certificate");
  if (key.text.empty()) refuse(certificate.name + " is given without its key");

  error_code failed;
  context.use_certificate_chain(boost::asio::buffer(certificate.text), failed);
  if (failed) refuse(certificate.name + " cannot be used: " + failed.message());

  // Without a callback of ours OpenSSL would ask at the terminal.
  bool asked = false;
  context.set_password_callback(
      [&](std::size_t, ssl::context::password_purpose) {
        asked = true;
        return options.key_passphrase ? options.key_passphrase() : std::string();
      },
      failed);
  context.use_private_key(boost::asio::buffer(key.text), ssl::context::pem, failed);
  OPENSSL_cleanse(key.text.data(), key.text.size());
  if (failed) {
    const std::string why = !asked ? failed.message()
                            : options.key_passphrase
                                ? "it is encrypted, and the passphrase is wrong"
                                : "it is encrypted; set tls.key_passphrase";
    refuse(key.name + " cannot be used: " + why);
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    refuse(key.name + " is not the key of " + certificate.name);
  }
  // The callback refers to what is gone by the next time.
  SSL_CTX_set_default_passwd_cb(context.native_handle(), nullptr);
}

/// RFC 7301, section 3.1: each protocol's name behind its length.
constexpr std::string_view offered_protocols = "\x08http/1.1";

}  // namespace

std::shared_ptr<ssl::context> make_tls_context(const tls_options& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  const bool newest = options.min_version == tls_version::tls_1_3;
  if (SSL_CTX_set_min_proto_version(context->native_handle(),
                                    newest ? TLS1_3_VERSION : TLS1_2_VERSION) != 1) {
    refuse("tls.min_version is not offered by OpenSSL here");
  }
  if (SSL_CTX_set_alpn_protos(context->native_handle(),
                              reinterpret_cast<const unsigned char*>(offered_protocols.data()),
                              static_cast<unsigned>(offered_protocols.size())) != 0) {
    refuse("OpenSSL does not take the name of HTTP/1.1");
  }
  // In TLS 1.2 a server may ask for another handshake in the middle of an exchange. Nothing here
  // has a use for it; refused, such a server closes the connection, and the next one serves.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  context->set_verify_mode(ssl::verify_peer);
  if (options.system_authorities) {
    error_code failed;
    context->set_default_verify_paths(failed);
    if (failed) refuse("the system's certificate authorities cannot be read: " + failed.message());
  }
  if (!options.ca_file.empty()) trust(*context, from_file(options.ca_file, "ca_file"));
  if (!options.ca_pem.empty()) trust(*context, {options.ca_pem, "tls.ca_pem"});
  identify(*context, options);
  return context;
}

}  // namespace binarly::connect
