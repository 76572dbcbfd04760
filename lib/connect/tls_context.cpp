// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tls_context.hpp"

#include "connect/certificate_store.hpp"
#include "connect/trust_anchors.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace binarly::connect {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::size_t usual_bundle = 16 * 1024;
constexpr std::size_t largest_bundle = 16 * 1024 * 1024;

[[noreturn]] void refuse(std::string reason) {
  throw failure_error(failure(errc::invalid_argument, std::move(reason)));
}

/// One thing in PEM form, and how the options name where it comes from.
struct pem_source {
  secret text;  // it may be a key
  std::string name;

  [[nodiscard]] bool empty() const noexcept { return text.empty(); }
  [[nodiscard]] boost::asio::const_buffer bytes() const {
    return boost::asio::buffer(text.reveal());
  }
};

/// Leaves no trace of what it reads, but in what it returns.
secret read_bundle(const std::string& path, const std::string& name) {
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);
  file.open(path, std::ios::binary);
  if (!file) refuse(name + " cannot be read: " + std::generic_category().message(errno));
  secret text;
  for (auto room = usual_bundle;; room = std::min(4 * room, largest_bundle + 1)) {
    std::string larger(room, '\0');
    std::ranges::copy(text.reveal(), larger.begin());
    const auto size = text.reveal().size();
    file.read(larger.data() + size, static_cast<std::streamsize>(room - size));
    const auto count = static_cast<std::size_t>(file.gcount());
    text = secret(std::move(larger.erase(size + count)));
    if (file.bad()) refuse(name + " cannot be read");
    if (size + count > largest_bundle) refuse(name + " is larger than 16 MiB");
    if (file.eof()) return text;
  }
}

pem_source from_file(const std::string& path, const std::string& option) {
  const std::string name = "tls." + option + " \"" + path + '"';
  return {read_bundle(path, name), name};
}

pem_source from_text(std::string_view text, const std::string& option) {
  return {secret(std::string(text)), "tls." + option + "_pem"};
}

pem_source pem_of(const std::string& path, std::string_view text, const std::string& option) {
  return path.empty() ? from_text(text, option) : from_file(path, option + "_file");
}

/// OpenSSL asks for the passphrase of a key, at most once.
struct passphrase_call {
  const std::function<secret()>& source;
  bool asked = false;
  std::exception_ptr thrown = nullptr;
};

int give_passphrase(char* to, int room, int, void* data) noexcept {
  auto& call = *static_cast<passphrase_call*>(data);
  call.asked = true;
  try {
    const secret phrase = call.source ? call.source() : secret();
    const auto text = phrase.reveal();
    if (text.size() > static_cast<std::size_t>(room)) return -1;
    std::ranges::copy(text, to);
    return static_cast<int>(text.size());
  } catch (...) {
    call.thrown = std::current_exception();
    return -1;
  }
}

void trust(ssl::context& context, const pem_source& authorities) {
  // Asio takes a text without any certificate for a success.
  if (authorities.text.reveal().find("-----BEGIN") == std::string_view::npos) {
    refuse(authorities.name + " holds no certificate in PEM form");
  }
  error_code failed;
  context.add_certificate_authority(authorities.bytes(), failed);
  if (failed) refuse(authorities.name + " cannot be used: " + failed.message());
  accept_as_anchors(context.native_handle(), authorities.text.reveal());
}

void share_authorities(ssl::context& context, const tls_options& options) {
  if (!options.ca_file.empty() || !options.ca_pem.empty()) {
    refuse(std::string(options.ca_file.empty() ? "tls.ca_pem" : "tls.ca_file") +
           " cannot be added to tls.authorities, which other clients may share; name it where they "
           "are read");
  }
  SSL_CTX_set1_cert_store(context.native_handle(), options.authorities.state()->store);
  accept_anchors(context.native_handle());
}

/// The client's own certificate and key.
void identify(ssl::context& context, const tls_options& options) {
  const auto certificate = pem_of(options.certificate_file, options.certificate_pem, "certificate");
  const auto key = pem_of(options.key_file, options.key_pem.reveal(), "key");
  if (certificate.empty() && key.empty()) return;
  if (certificate.empty()) refuse(key.name + " is given without a certificate");
  if (key.empty()) refuse(certificate.name + " is given without its key");

  error_code failed;
  context.use_certificate_chain(certificate.bytes(), failed);
  if (failed) refuse(certificate.name + " cannot be used: " + failed.message());

  // Without a callback OpenSSL would ask at the terminal; Asio's would leave copies of the
  // passphrase, and deletes what it finds here.
  passphrase_call call{options.key_passphrase};
  SSL_CTX_set_default_passwd_cb(context.native_handle(), &give_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context.native_handle(), &call);
  context.use_private_key(key.bytes(), ssl::context::pem, failed);
  SSL_CTX_set_default_passwd_cb(context.native_handle(), nullptr);
  SSL_CTX_set_default_passwd_cb_userdata(context.native_handle(), nullptr);
  if (call.thrown) std::rethrow_exception(call.thrown);
  if (failed) {
    const std::string why = !call.asked ? failed.message()
                            : options.key_passphrase
                                ? "it is encrypted, and the passphrase is wrong"
                                : "it is encrypted; set tls.key_passphrase";
    refuse(key.name + " cannot be used: " + why);
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    refuse(key.name + " is not the key of " + certificate.name);
  }
}

/// RFC 7301, section 3.1: each protocol's name behind its length.
constexpr std::string_view offered_protocols = "\x08http/1.1";

}  // namespace

void read_authorities(ssl::context& context, const tls_options& options) {
  if (options.system_authorities) {
    error_code failed;
    context.set_default_verify_paths(failed);
    if (failed) refuse("the system's certificate authorities cannot be read: " + failed.message());
  }
  if (!options.ca_file.empty()) trust(context, from_file(options.ca_file, "ca_file"));
  if (!options.ca_pem.empty()) trust(context, from_text(options.ca_pem, "ca"));
}

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
  // Once an answer has been read, OpenSSL has no use for it either, and it may be a token.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
  context->set_verify_mode(ssl::verify_peer);
  if (options.authorities.empty()) {
    read_authorities(*context, options);
  } else {
    share_authorities(*context, options);
  }
  identify(*context, options);
  return context;
}

}  // namespace binarly::connect
