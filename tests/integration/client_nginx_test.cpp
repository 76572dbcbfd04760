// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Against a server that others wrote.

#include "support/client_fixture.hpp"
#include "support/nginx.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <list>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;

constexpr std::uint64_t image_count = 20;

struct nginx_world {
  explicit nginx_world(const std::string& directives = {})
      : server(served(directives)), options(options_for(server.base_url(), server.ca_pem())) {}

  static nginx_options served(const std::string& directives) {
    nginx_options with;
    with.images = image_count;
    with.directives = directives;
    return with;
  }
  result<image> get(const client& from, const image_ref& ref) {
    const lookup one(from, ref);
    run_until(context, [&] { return one.done(); });
    return one.outcome();
  }
  /// So many at a time; how many of them were right.
  std::uint64_t look_up_many(std::uint64_t count) {
    const client service(context.get_executor(), options);
    std::list<lookup> all;
    for (std::uint64_t index = 0; index < count; ++index)
      all.emplace_back(service, server.image_at(index % image_count).ref);
    std::uint64_t right = 0;
    std::uint64_t index = 0;
    for (const auto& one : all) {
      run_until(context, [&] { return one.done(); });
      const auto& found = one.outcome();
      const auto expected = server.image_at(index++ % image_count);
      if (found && found->id == expected.ref.image_id() && found->version == expected.version) {
        ++right;
      }
    }
    return right;
  }

  nginx_server server;
  asio::io_context context;
  client_options options;
};

}  // namespace

TEST_CASE("client: lookups at nginx") {
  nginx_world world;
  const client service(world.context.get_executor(), world.options);
  const auto expected = world.server.image_at(3);
  const auto found = world.get(service, expected.ref).value();
  CHECK(found.id == expected.ref.image_id());
  CHECK(found.name == expected.name);
  CHECK(found.version == expected.version);
  CHECK(world.look_up_many(200) == 200);
}

TEST_CASE("client: nginx closes each connection after ten answers, and no lookup fails") {
  nginx_world world("keepalive_requests 10;");
  world.options.pool.max_connections = 4;
  CHECK(world.look_up_many(300) == 300);
}

TEST_CASE("client: nginx closes connections after each answer") {
  nginx_world world("keepalive_timeout 0;");
  world.options.pool.max_connections = 4;
  CHECK(world.look_up_many(40) == 40);
}

TEST_CASE("client: nginx sends its own page for what it does not have") {
  nginx_world world;
  const client service(world.context.get_executor(), world.options);
  const image_ref unknown("01JQPGDX8QW0YJ0XEKV1EVG534", "01JYJ0W0AACGC7QT1Q29999999");
  const failure why = world.get(service, unknown).error();
  CHECK(why == errc::bad_response);
  CHECK(why.detail().answered_by == responder::stranger);
  CHECK(why.detail().http_status == 404);
  CHECK(why.detail().server_message.empty());
  CHECK(why.message().find('\n') == std::string::npos);
  CHECK(world.get(service, world.server.image_at(1).ref).has_value());
}

TEST_CASE("client: nginx speaks TLS 1.2 only, or 1.3 only") {
  for (const std::string version : {"TLSv1.2", "TLSv1.3"}) {
    nginx_world world("ssl_conf_command MinProtocol " + version +
                      "; ssl_conf_command MaxProtocol " + version +
                      "; add_header X-Request-Id $ssl_protocol always;");
    CHECK(world.look_up_many(50) == 50);
    const client service(world.context.get_executor(), world.options);
    CHECK(world.get(service, image_ref("p", "i")).error().detail().request_id == version);
  }
}

TEST_CASE("client: nginx is stopped with connections idle, and started no more") {
  nginx_world world;
  const client service(world.context.get_executor(), world.options);
  CHECK(world.get(service, world.server.image_at(1).ref).has_value());
  world.server.stop();
  CHECK(world.get(service, world.server.image_at(1).ref).error().code() == errc::connect_failed);
}
