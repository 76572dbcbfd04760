// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/session_store.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <memory>

namespace {

using binarly::connect::session_ptr;
using binarly::connect::session_store;

session_ptr made(int version, unsigned char id) {
  session_ptr session(SSL_SESSION_new());
  REQUIRE(SSL_SESSION_set_protocol_version(session.get(), version) == 1);
  REQUIRE(SSL_SESSION_set1_id(session.get(), &id, 1) == 1);
  return session;
}

int id_of(const session_ptr& session) {
  unsigned size = 0;
  return session ? *SSL_SESSION_get_id(session.get(), &size) : -1;
}

TEST_CASE("a session of TLS 1.3 is given once, the freshest first") {
  session_store store(10);
  CHECK(store.take() == nullptr);
  store.put(made(TLS1_3_VERSION, 1));
  store.put(made(TLS1_3_VERSION, 2));
  CHECK(id_of(store.take()) == 2);
  CHECK(id_of(store.take()) == 1);
  CHECK(store.take() == nullptr);
}

TEST_CASE("a session of TLS 1.2 stays") {
  session_store store(10);
  store.put(made(TLS1_2_VERSION, 1));
  CHECK(id_of(store.take()) == 1);
  CHECK(id_of(store.take()) == 1);
}

TEST_CASE("of too many sessions the oldest goes") {
  session_store store(2);
  for (unsigned char id = 1; id <= 3; ++id)
    store.put(made(TLS1_3_VERSION, id));
  CHECK(id_of(store.take()) == 3);
  CHECK(id_of(store.take()) == 2);
  CHECK(store.take() == nullptr);
  session_store none(0);
  none.put(made(TLS1_3_VERSION, 1));
  CHECK(none.take() == nullptr);
}

TEST_CASE("a session that cannot be resumed is passed over") {
  session_store store(10);
  store.put(made(TLS1_3_VERSION, 1));
  store.put(session_ptr(SSL_SESSION_new()));  // neither ticket nor id
  CHECK(id_of(store.take()) == 1);
}

}  // namespace
