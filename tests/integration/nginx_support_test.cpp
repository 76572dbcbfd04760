// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/nginx.hpp"
#include "support/process.hpp"
#include "support/run_task.hpp"
#include "support/wire_client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

using namespace binarly;
using namespace binarly::testing;
using boost::asio::awaitable;

std::string request_for(const image_ref& ref) {
  return "GET /api/v4/" + ref.path() + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

awaitable<void> fetch(const nginx_server& server, wire_client& client) {
  co_await client.connect(server.port());
  const fake_image image = server.image_at(1);
  const wire_answer answer = co_await client.ask(request_for(image.ref));
  CHECK(answer.status == 200);
  CHECK(answer.head.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  const boost::json::value value = boost::json::parse(answer.body);
  CHECK(value.at("id").as_string() == image.ref.image_id());
  CHECK(value.at("name").as_string() == image.name);
  CHECK(value.at("version").as_string() == image.version);
  CHECK(value.at("parent").as_string() == "products/" + image.ref.product_id());

  const wire_answer missing = co_await client.ask(request_for(server.image_at(2).ref));
  CHECK(missing.status == 404);
  const wire_end end = co_await client.read_to_end();
  CHECK(end.bytes.empty());
  CHECK(end.error == boost::asio::error::eof);
}

}  // namespace

TEST_CASE("nginx serves images over TLS, with the directives that it is given") {
  nginx_options options;
  options.images = 2;
  options.directives = "keepalive_requests 2;";
  nginx_server server(options);
  CHECK(is_ulid(server.image_at(1).ref.image_id()));
  boost::asio::io_context context;
  wire_client client(context.get_executor(), server.ca_pem());
  run_task(context, fetch(server, client));
  CHECK(server.errors().find("No such file") != std::string::npos);
  const std::uint16_t port = server.port();
  server.stop();
  CHECK_FALSE(accepts_connections(port));
}

TEST_CASE("nginx that cannot start says why") {
  nginx_options options;
  options.directives = "no_such_directive;";
  try {
    const nginx_server server(options);
    FAIL("it started");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()).find("no_such_directive") != std::string::npos);
  }
}

TEST_CASE("child process: arguments, environment, streams and status") {
  child_process child(
      {"sh", "-c", "cat; echo \"$1 $GIVEN $HOME\"; echo bad >&2; exit 7", "sh", "a b"},
      {"GIVEN=value", "HOME=/elsewhere"}, "input\n");
  CHECK(child.wait() == 7);
  CHECK(child.wait() == 7);
  CHECK(child.output() == "input\na b value /elsewhere\n");
  CHECK(child.errors() == "bad\n");
  CHECK_THROWS_AS(child_process({"/no/such/program"}), std::system_error);
}

TEST_CASE("child process: signals, bounds and the end") {
  child_process child({"sleep", "1000"});
  CHECK(child.running());
  child.signal(SIGTERM);
  CHECK(child.wait() == 128 + SIGTERM);
  child_process slow({"sleep", "1000"});
  CHECK_THROWS_AS(slow.wait(std::chrono::seconds(0)), std::runtime_error);
  pid_t id = 0;
  {
    const child_process abandoned({"sleep", "1000"});
    id = abandoned.id();
  }
  CHECK(::kill(id, 0) != 0);
}

TEST_CASE("temporary directory: written to, and removed") {
  std::filesystem::path path;
  {
    const temporary_directory directory;
    path = directory.write("a/b.txt", "text");
    CHECK(read_file(path) == "text");
  }
  CHECK_FALSE(std::filesystem::exists(path.parent_path()));
  CHECK_THROWS_AS(static_cast<void>(read_file(path)), std::runtime_error);
}

TEST_CASE("deaf port: it refuses connections, and nobody else can have it") {
  const deaf_port one;
  const deaf_port other;
  CHECK(one.number() != other.number());
  CHECK_FALSE(accepts_connections(one.number()));
}
