// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tls_context.hpp"

#include <boost/asio/buffer.hpp>
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

std::string read_bundle(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    refuse("tls.ca_file \"" + path +
           "\" cannot be read: " + std::generic_category().message(errno));
  }
  std::string text(largest_bundle + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) refuse("tls.ca_file \"" + path + "\" cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_bundle) refuse("tls.ca_file \"" + path + "\" is larger than 16 MiB");
  return text;
}

void trust(ssl::context& context, std::string_view pem, const std::string& option) {
  // Asio takes a text without any certificate for a success.
  if (pem.find("-----BEGIN") == pem.npos) {
    refuse(option + " holds no certificate in PEM form");
  }
  error_code failed;
  context.add_certificate_authority(boost::asio::buffer(pem), failed);
  if (failed) refuse(option + " cannot be used: " + failed.message());
}

}  // namespace

std::shared_ptr<ssl::context> make_tls_context(const tls_options& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
    refuse("OpenSSL does not offer TLS 1.2");
  }
  context->set_verify_mode(ssl::verify_peer);
  if (options.system_authorities) {
    error_code failed;
    context->set_default_verify_paths(failed);
    if (failed) refuse("the system's certificate authorities cannot be read: " + failed.message());
  }
  if (!options.ca_file.empty()) {
    trust(*context, read_bundle(options.ca_file), "tls.ca_file \"" + options.ca_file + '"');
  }
  if (!options.ca_pem.empty()) trust(*context, options.ca_pem, "tls.ca_pem");
  return context;
}

}  // namespace binarly::connect
