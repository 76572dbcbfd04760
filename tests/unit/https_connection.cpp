// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/connection.hpp"
#include "unit/connection_world.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using binarly::errc;
using binarly::phase;
using binarly::https::request;
using binarly::testing::all_ways;
using binarly::testing::body_reader;
using binarly::testing::connection_world;

/// Bytes of which no piece is like another, so that one which comes twice, or not, is seen.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& each : bytes) {
    state = state * 1664525 + 1013904223;
    each = static_cast<char>(state >> 24);
  }
  return bytes;
}

request small_request() {
  request what;
  what.target = "/small";
  return what;
}

/// More than the sockets of both sides hold.
request large_request() {
  request what;
  what.method = "POST";
  what.target = "/large";
  what.body = std::make_shared<const binarly::secret>(noise(std::size_t{8} * 1024 * 1024));
  return what;
}

std::string on_the_wire(const request& what, const connection_world& world) {
  std::string bytes = std::string(what.method) + " " + what.target +
                      " HTTP/1.1\r\nHost: " + world.host() + "\r\nAccept-Encoding: identity\r\n";
  if (!what.body) return bytes + "\r\n";
  const std::string body(what.body->reveal());
  return bytes + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// One exchange, from its first byte to its last.
void exchange(connection_world& world, const std::string& body) {
  const int before = world.diary->answers;
  const auto reader = world.send(small_request());
  const auto expected = on_the_wire(small_request(), world);
  world.peer.received.clear();
  world.run(world.peer.read(expected.size()));
  CHECK(world.peer.received == expected);
  world.run(world.peer.write(answer(body)));
  world.run_until([&] { return world.diary->answers == before + 1; });
  CHECK(reader->status == 200);
  CHECK((reader->body == body));
  CHECK(reader.use_count() == 1);
  CHECK(world.diary->reusable);
}

TEST_CASE("connection: a request that has to wait for room arrives whole, and then its answer") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    world.open();
    const auto what = large_request();
    const auto reader = world.send(what);
    world.settle();
    REQUIRE(world.link->doing().step == phase::write);
    const auto expected = on_the_wire(what, world);
    world.run(world.peer.read(expected.size()));
    CHECK((world.peer.received == expected));
    world.settle();
    CHECK(world.link->doing().step == phase::head);
    CHECK(world.diary->answers == 0);
    world.run(world.peer.write(answer("hello")));
    world.run_until([&] { return world.diary->answers == 1; });
    CHECK(reader->body == "hello");
    CHECK(world.diary->reusable);
    exchange(world, "again");
  }
}

/// Opens, and has a request answered that could not all be sent yet.
void answer_early(connection_world& world, const request& what) {
  world.open();
  const auto reader = world.send(what);
  world.run(world.peer.read(100));
  world.run(world.peer.write(answer("early")));
  world.run_until([&] { return reader->body == "early"; });
  world.settle();
  CHECK(world.diary->answers == 0);
}

TEST_CASE("connection: an answer before the end of its request is reported after that") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    const auto what = large_request();
    answer_early(world, what);
    const auto expected = on_the_wire(what, world);
    world.run(world.peer.read(expected.size() - world.peer.received.size()));
    world.run_until([&] { return world.diary->answers == 1; });
    CHECK((world.peer.received == expected));
    CHECK(world.diary->reusable);
    exchange(world, "again");
  }
}

TEST_CASE("connection: bytes behind an answer that came early are not read") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    const auto what = large_request();
    answer_early(world, what);
    world.run(world.peer.write("more"));
    world.settle();
    CHECK(world.diary->answers == 0);
    world.run(world.peer.read(on_the_wire(what, world).size() - world.peer.received.size()));
    world.run_until([&] { return world.diary->answers + world.diary->closed == 1; });
    CHECK(world.diary->answers == 1);
    CHECK_FALSE(world.diary->reusable);
  }
}

TEST_CASE("connection: an answer may end with the last read of a turn, before its request does") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    world.open();
    const auto what = large_request();
    const auto reader = world.send(what);
    world.settle();
    // Eight times what is read at once.
    const std::size_t head = answer(std::string(32'000, ' ')).size() - 32'000;
    const auto body = noise(std::size_t{32} * 1024 - head);
    world.run(world.peer.write(answer(body)));
    world.run_until([&] { return reader->body.size() == body.size(); });
    world.settle();
    CHECK(world.diary->answers == 0);
    world.run(world.peer.read(on_the_wire(what, world).size()));
    world.run_until([&] { return world.diary->answers == 1; });
    CHECK((reader->body == body));
    exchange(world, "again");
  }
}

TEST_CASE("connection: a large answer that is there already arrives whole") {
  const auto body = noise(std::size_t{1024} * 1024);
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    world.open();
    exchange(world, body);
    exchange(world, "again");
  }
}

TEST_CASE("connection: its owner may send from within an event") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    std::vector<std::shared_ptr<body_reader>> readers;
    const auto send = [&] {
      readers.push_back(std::make_shared<body_reader>());
      world.give(small_request(), readers.back());
    };
    world.diary->when_open = send;
    world.diary->when_answered = [&] {
      if (readers.size() < 3) send();
    };
    world.open();
    const auto size = on_the_wire(small_request(), world).size();
    for (const std::string body : {"1", "2", "3"}) {
      world.run(world.peer.read(size));
      world.run(world.peer.write(answer(body)));
    }
    world.run_until([&] { return world.diary->answers == 3; });
    CHECK(readers[0]->body == "1");
    CHECK(readers[1]->body == "2");
    CHECK(readers[2]->body == "3");
    CHECK(world.diary->reusable);
    CHECK(world.diary->closed == 0);
  }
}

/// Opens, has one exchange, and is watched from within its event.
void open_and_watch(connection_world& world) {
  world.diary->when_answered = [&] { world.link->watch(); };
  world.open();
  exchange(world, "hello");
  world.settle();
  CHECK(world.diary->closed == 0);
}

TEST_CASE("connection: while it is watched, its server's end is heard of at once") {
  for (const auto& how : all_ways()) {
    for (const bool goodbye : {true, false}) {
      CAPTURE(how.name);
      CAPTURE(goodbye);
      connection_world world(how);
      open_and_watch(world);
      if (goodbye) {
        world.run(world.peer.close());
      } else {
        world.peer.stream.next_layer().close();
      }
      world.run_until([&] { return world.diary->closed == 1; });
      CHECK(world.diary->failure.code == errc::connection_lost);
      CHECK(world.diary->failure.step == phase::acquire);
      CHECK_FALSE(world.diary->answer_begun);
      if (how.tls && !goodbye) {
        CHECK(world.diary->failure.cause == asio::ssl::error::stream_truncated);
      } else {
        CHECK(world.diary->failure.cause == asio::error::eof);
      }
      world.run_dry();
    }
  }
}

TEST_CASE("connection: a request may come between the wish to watch and its turn") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    world.open();
    exchange(world, "hello");
    const auto reader = std::make_shared<body_reader>();
    world.ask([&] {
      world.link->watch();
      world.give(small_request(), reader);
    });
    world.run(world.peer.read(on_the_wire(small_request(), world).size()));
    world.run(world.peer.write(answer("again")));
    world.run_until([&] { return world.diary->answers == 2; });
    CHECK(reader->body == "again");
    CHECK(world.diary->reusable);
    CHECK(world.diary->closed == 0);
  }
}

TEST_CASE("connection: bytes that nobody asked for end it") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    world.open();
    exchange(world, "hello");
    world.ask([&] { world.link->watch(); });
    world.run(world.peer.write("HTTP/1.1 408 Request Timeout\r\n\r\n"));
    world.run_until([&] { return world.diary->closed == 1; });
    CHECK(world.diary->failure.code == errc::malformed_answer);
    CHECK(world.diary->failure.step == phase::acquire);
    CHECK(world.diary->failure.reason == "the server sent bytes that nobody asked for");
    world.run_dry();
  }
}

TEST_CASE("connection: bytes behind an answer forbid to use it again") {
  const std::size_t head = answer(std::string(16'000, ' ')).size() - 16'000;
  // The second fills one record of TLS, so that what is behind it comes in another.
  for (const std::size_t size : {std::size_t{5}, std::size_t{16} * 1024 - head}) {
    for (const auto& how : all_ways()) {
      CAPTURE(how.name);
      CAPTURE(size);
      connection_world world(how);
      world.open();
      const auto reader = world.send(small_request());
      world.peer.write_at_once(answer(noise(size)) + "more");
      world.run_until([&] { return world.diary->answers == 1; });
      CHECK((reader->body == noise(size)));
      CHECK_FALSE(world.diary->reusable);
    }
  }
}

TEST_CASE("connection: a reset is no proper end of an answer that states no length") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    world.open();
    const auto reader = world.send(large_request());
    world.settle();
    REQUIRE(world.link->doing().step == phase::write);
    world.run(world.peer.write("HTTP/1.1 200 OK\r\n\r\nhalf of"));
    world.run_until([&] { return reader->body == "half of"; });
    // Most of the request is unread: so this resets the connection.
    world.peer.stream.next_layer().close();
    world.run_until([&] { return world.diary->answers + world.diary->closed == 1; });
    CHECK(world.diary->closed == 1);
    CHECK(world.diary->failure.code == errc::truncated);
    CHECK(world.diary->answer_begun);
  }
}

TEST_CASE("connection: closing says goodbye") {
  for (const auto& how : all_ways()) {
    CAPTURE(how.name);
    connection_world world(how);
    open_and_watch(world);
    world.peer.received.clear();
    world.ask([&] {
      world.link->close();
      CHECK(world.diary->closed == 0);
    });
    world.run_until([&] { return world.diary->closed == 1; });
    CHECK(world.diary->failure.reason == "closed by the client");
    world.run(world.peer.read(1));
    CHECK(world.peer.received.empty());
    CHECK(world.peer.ended == asio::error::eof);
    world.run_dry();
    CHECK(world.diary->closed == 1);
  }
}

int events_of(const connection_world& world) {
  return world.diary->opened + world.diary->answers + world.diary->closed;
}

/// Aborts the connection, and looks whether anything of it is left.
void expect_gone(connection_world& world) {
  int events = 0;
  world.ask([&] {
    world.link->abort();
    events = events_of(world);
  });
  const auto link = std::weak_ptr(std::exchange(world.link, nullptr));
  world.run_dry();
  CHECK(link.expired());
  CHECK(events_of(world) == events);
}

TEST_CASE("connection: aborted, it is silent and gone, whatever it was doing") {
  struct row {
    std::string doing;
    void (*reach)(connection_world& world);
  };
  const std::vector<row> table{
      {"nothing yet", [](connection_world&) {}},
      {"resolving",
       [](connection_world& world) {
         world.ask([&] {
           world.link->open();
           world.link->abort();
         });
       }},
      {"connecting", [](connection_world& world) { world.ask([&] { world.link->open(); }); }},
      {"shaking hands",
       [](connection_world& world) {
         world.ask([&] { world.link->open(); });
         world.run(world.peer.accept());
         world.settle();
       }},
      {"nothing, unwatched", [](connection_world& world) { world.open(); }},
      {"nothing, watched", open_and_watch},
      {"writing",
       [](connection_world& world) {
         world.open();
         world.send(large_request());
         world.settle();
         REQUIRE(world.link->doing().step == phase::write);
       }},
      {"writing, and answered",
       [](connection_world& world) { answer_early(world, large_request()); }},
      {"reading",
       [](connection_world& world) {
         world.open();
         const auto reader = world.send(small_request());
         world.run(world.peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"));
         world.run_until([&] { return reader->body == "begun"; });
       }},
      {"closing",
       [](connection_world& world) {
         open_and_watch(world);
         world.ask([&] {
           world.link->close();
           world.link->abort();
         });
       }},
  };
  for (const auto& how : all_ways()) {
    for (const auto& row : table) {
      CAPTURE(how.name);
      CAPTURE(row.doing);
      connection_world world(how);
      row.reach(world);
      expect_gone(world);
    }
  }
}

/// When a caller leaves.
struct moment {
  std::string name;
  bool writing = false;  // its request waits for room
  bool begun = false;    // the head of the answer has come
};

const std::vector<moment> moments{{"before the head", false, false},
                                  {"after the head", false, true},
                                  {"before the head, while writing", true, false},
                                  {"after the head, while writing", true, true}};

/// Leaves from within its owner's turn, and hears of nothing during that.
void release(connection_world& world) {
  world.ask([&] {
    world.link->release();
    CHECK(world.diary->answers + world.diary->closed == 0);
  });
  world.settle();
}

TEST_CASE("connection: released, it takes in what is left if that is little") {
  const auto body = noise(60'000);
  const auto all = answer(body);
  const auto begin = all.substr(0, all.size() - body.size());
  for (const auto& how : all_ways()) {
    for (const auto& when : moments) {
      CAPTURE(how.name);
      CAPTURE(when.name);
      connection_world world(how);
      world.open();
      const auto what = when.writing ? large_request() : small_request();
      const auto reader = world.send(what);
      world.settle();
      if (when.begun) {
        world.run(world.peer.write(begin));
        world.run_until([&] { return reader->status == 200; });
      }
      release(world);
      CHECK(reader.use_count() == 1);
      world.run(world.peer.write(when.begun ? body : all));
      world.settle();
      if (when.writing) {
        CHECK(world.diary->answers == 0);
        world.run(world.peer.read(on_the_wire(what, world).size()));
      }
      world.run_until([&] { return world.diary->answers == 1; });
      CHECK(world.diary->reusable);
      CHECK(reader->body.empty());
      CHECK(reader->status == (when.begun ? 200 : 0));
      exchange(world, "again");
    }
  }
}

TEST_CASE("connection: released, it is closed if what is left is much, or nobody knows how much") {
  const std::vector<std::string> heads{"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n",
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                       "HTTP/1.1 200 OK\r\n\r\n"};
  for (const auto& how : all_ways()) {
    for (const auto& when : moments) {
      for (const auto& head : heads) {
        CAPTURE(how.name);
        CAPTURE(when.name);
        CAPTURE(head);
        connection_world world(how);
        world.open();
        const auto reader = world.send(when.writing ? large_request() : small_request());
        world.settle();
        if (when.begun) {
          world.run(world.peer.write(head));
          world.run_until([&] { return reader->status == 200; });
        }
        release(world);
        CHECK(reader.use_count() == 1);
        if (!when.begun) {
          CHECK(world.diary->closed == 0);
          world.run(world.peer.write(head));
        }
        world.run_until([&] { return world.diary->closed == 1; });
        CHECK(world.diary->answer_begun);
        world.run_dry();
        CHECK(world.diary->answers == 0);
        CHECK(world.diary->closed == 1);
      }
    }
  }
}

TEST_CASE("connection: what TLS has received already does not outlive the socket") {
  connection_world world({"TLS", true, false});
  world.open();
  // Small records, of which OpenSSL receives several at once, and a turn's reads leave some.
  SSL_set_max_send_fragment(world.peer.stream.native_handle(), 1000);
  const auto reader = world.send(small_request());
  bool left = false;
  reader->when_read = [&] {
    if (std::exchange(left, true)) return;
    asio::post(world.context, [&] {
      CHECK(world.diary->answers == 0);
      world.link->release();
    });
  };
  world.peer.write_at_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n" +
                           noise(10'000) + "\r\n0\r\n\r\n");
  world.run_until([&] { return world.diary->answers + world.diary->closed > 0; });
  CHECK(world.diary->answers == 0);
  CHECK(world.diary->closed == 1);
}

TEST_CASE("connection: TLS may change its keys at any time") {
  for (const auto& how : all_ways()) {
    if (!how.tls) continue;
    CAPTURE(how.name);
    connection_world world(how);
    const auto change_keys = [&] {
      REQUIRE(SSL_key_update(world.peer.stream.native_handle(), SSL_KEY_UPDATE_REQUESTED) == 1);
    };
    open_and_watch(world);
    // OpenSSL sends this with the next bytes.
    change_keys();
    exchange(world, "while nothing is under way");

    const auto what = large_request();
    const auto expected = on_the_wire(what, world);
    world.peer.received.clear();
    const auto reader = world.send(what);
    world.settle();
    REQUIRE(world.link->doing().step == phase::write);
    change_keys();
    world.run(world.peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
    world.run_until([&] { return reader->status == 200; });
    world.settle();
    world.run(world.peer.read(expected.size()));
    CHECK((world.peer.received == expected));
    change_keys();
    world.run(world.peer.write("123456789"));
    world.run_until([&] { return world.diary->answers == 3; });
    CHECK(reader->body == "123456789");
    CHECK(world.diary->reusable);
    exchange(world, "again");
    CHECK(world.diary->closed == 0);
  }
}

}  // namespace
