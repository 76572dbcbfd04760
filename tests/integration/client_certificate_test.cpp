// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Who the client is to a server that asks for its certificate, and what TLS is agreed on.

#include "support/client_fixture.hpp"
#include "support/nginx.hpp"
#include "support/process.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;

certificate_and_key issued(const certificate_authority& by) {
  certificate_request request;
  request.common_name = "a client";
  request.names.clear();
  request.purpose = certificate_purpose::client;
  return by.issue(request);
}

/// The same key behind a passphrase.
std::string encrypted(const std::string& pem, std::string passphrase) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  REQUIRE(PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(),
                                   reinterpret_cast<unsigned char*>(passphrase.data()),
                                   static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// An nginx that asks for a certificate of its own authority's.
struct asking_world {
  explicit asking_world(const std::string& version = "TLSv1.3")
      : server(asking(version)), options(options_for(server.base_url(), server.ca_pem())) {}

  static nginx_options asking(const std::string& version) {
    nginx_options with;
    with.directives =
        "ssl_client_certificate authority.pem; ssl_verify_client on; ssl_conf_command "
        "MinProtocol " +
        version + "; ssl_conf_command MaxProtocol " + version + ";";
    return with;
  }
  result<image> get() {
    const client service(context.get_executor(), options);
    const lookup one(service, server.image_at(1).ref);
    run_until(context, [&] { return one.done(); });
    return one.outcome();
  }
  std::string refusal() {
    try {
      const client made(context.get_executor(), options);
    } catch (const failure_error& refused) {
      CHECK(refused.why().code() == errc::invalid_argument);
      return refused.why().message();
    }
    return "";
  }

  nginx_server server;
  asio::io_context context;
  client_options options;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("client: it shows its certificate to a server that asks") {
  for (const std::string version : {"TLSv1.2", "TLSv1.3"}) {
    asking_world world(version);
    const auto identity = issued(world.server.authority());
    SUBCASE("from memory") {
      world.options.tls.certificate_pem = identity.certificate;
      world.options.tls.key_pem = secret(identity.key);
    }
    SUBCASE("from files, the key behind a passphrase") {
      const temporary_directory directory;
      world.options.tls.certificate_file =
          directory.write("client.pem", identity.certificate).string();
      world.options.tls.key_file =
          directory.write("client.key", encrypted(identity.key, "open sesame")).string();
      world.options.tls.key_passphrase = [] { return secret("open sesame"); };
      CHECK(world.get().has_value());  // while the files are there
      world.options.tls.certificate_pem = identity.certificate;
      world.options.tls.certificate_file.clear();
      world.options.tls.key_pem = secret(encrypted(identity.key, "open sesame"));
      world.options.tls.key_file.clear();
    }
    CHECK(world.get().has_value());
  }
}

TEST_CASE("client: a key that cannot be used is refused when the client is made") {
  asking_world world;
  const auto identity = issued(world.server.authority());
  auto& tls = world.options.tls;
  tls.certificate_pem = identity.certificate;
  CHECK(contains(world.refusal(), "tls.certificate_pem is given without its key"));
  tls.key_pem = secret(issued(world.server.authority()).key);
  CHECK(contains(world.refusal(), "tls.key_pem"));
  tls.key_pem = secret(encrypted(identity.key, "open sesame"));
  CHECK(contains(world.refusal(), "set tls.key_passphrase"));
  tls.key_passphrase = [] { return secret("open barley"); };
  const auto wrong = world.refusal();
  CHECK(contains(wrong, "the passphrase is wrong"));
  CHECK(!contains(wrong, "barley"));
  tls.key_pem = secret("not a key");
  CHECK(contains(world.refusal(), "tls.key_pem cannot be used"));
  tls.key_pem = secret(identity.key);
  tls.certificate_pem.clear();
  CHECK(contains(world.refusal(), "tls.key_pem is given without a certificate"));
  tls.certificate_file = "/nowhere/client.pem";
  CHECK(contains(world.refusal(), "tls.certificate_file \"/nowhere/client.pem\" cannot be read"));
}

TEST_CASE("client: a server without TLS 1.3 is refused when that is asked for") {
  nginx_options with;
  with.directives = "ssl_conf_command MaxProtocol TLSv1.2;";
  const nginx_server server(with);
  asio::io_context context;
  auto options = options_for(server.base_url(), server.ca_pem());
  for (const auto least : {tls_version::tls_1_2, tls_version::tls_1_3}) {
    options.tls.min_version = least;
    const client service(context.get_executor(), options);
    const lookup one(service, server.image_at(1).ref);
    run_until(context, [&] { return one.done(); });
    if (least == tls_version::tls_1_2) {
      CHECK(one.outcome().has_value());
    } else {
      CHECK(one.why().code() == errc::handshake_failed);
      CHECK(contains(one.why().message(), "protocol version"));
    }
  }
}

TEST_CASE("client: HTTP/1.1 is agreed on by ALPN") {
  nginx_options with;
  with.directives = "add_header X-Request-Id $ssl_alpn_protocol always;";
  const nginx_server server(with);
  asio::io_context context;
  const client service(context.get_executor(), options_for(server.base_url(), server.ca_pem()));
  const lookup one(service, image_ref("no", "such"));
  run_until(context, [&] { return one.done(); });
  CHECK(one.why().detail().request_id == "http/1.1");
}
