// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/wipe.hpp"

#include <binarly/secret.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using binarly::secret;

template <class T>
concept printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!printable<secret>);
static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);
static_assert(std::is_nothrow_move_constructible_v<secret>);
static_assert(!std::is_convertible_v<std::string, secret>);
static_assert(!std::is_convertible_v<secret, std::string>);

TEST_CASE("a secret moves, and is copied on purpose alone") {
  secret one(std::string("hush"));
  const secret copy = one.clone();
  CHECK(copy.reveal() == "hush");
  secret other(std::move(one));
  CHECK(other.reveal() == "hush");
  CHECK(one.empty());  // NOLINT(bugprone-use-after-move): that is the point
  other = secret(std::string("a longer one than before"));
  CHECK(other.reveal() == "a longer one than before");
  other = secret();
  CHECK(other.empty());
}

TEST_CASE("secrets are equal when all their bytes are") {
  const auto equal = [](std::string left, std::string right) {
    return secret(std::move(left)) == secret(std::move(right));
  };
  CHECK(equal("", ""));
  CHECK(equal("abc", "abc"));
  CHECK_FALSE(equal("abc", "abd"));
  CHECK_FALSE(equal("xbc", "abc"));
  CHECK_FALSE(equal("abc", "abcd"));
  CHECK_FALSE(equal("abc", ""));
}

TEST_CASE("a string is wiped up to its capacity") {
  std::string text("something long enough to be on the heap");
  text.resize(3);
  binarly::domain::wipe(text);
  CHECK(std::all_of(text.data(), text.data() + text.capacity(), [](char c) { return c == '\0'; }));
}

}  // namespace
