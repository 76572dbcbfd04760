// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/shown_location.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using binarly::domain::shown_location;

TEST_CASE("of a redirect's target no more is shown than where it leads") {
  struct row {
    std::string_view location;
    std::string_view shown;
  };
  const std::vector<row> table{
      {"https://elsewhere.example/path", "https://elsewhere.example/path"},
      {"https://store.example:8443/a/b?X-Amz-Signature=hidden&x=y#z",
       "https://store.example:8443/a/b"},
      {"https://store.example?hidden", "https://store.example"},
      {"https://store.example#hidden", "https://store.example"},
      {"https://hidden:word@store.example/a", "https://store.example/a"},
      {"HTTPS://hidden:wo;rd@store.example/a", "HTTPS://store.example/a"},
      {"https://hid@den@store.example/a@b", "https://store.example/a@b"},
      {"https:\\\\hidden@store.example\\a", "https:\\\\store.example\\a"},
      {"https:hidden@store.example/a", "https:store.example/a"},
      {"https:////hidden@store.example", "https:////store.example"},
      {"hidden:word@store.example/a", "store.example/a"},
      {"hidden@store.example/a", "store.example/a"},
      {"//hidden:word@store.example/a?b", "//store.example/a"},
      {"/login?next=hidden", "/login"},
      {"/login#hidden", "/login"},
      {"/login;session=hidden/more", "/login"},
      {"/login%3Fnext=hidden", "/login"},
      {"/login%3fnext=hidden", "/login"},
      {"/login%23hidden", "/login"},
      {"/a%20b/@scope", "/a%20b/@scope"},
      {"../login?hidden", "../login"},
      {"login", "login"},
      {"?hidden", ""},
      {"#hidden", ""},
      {"", ""},
      {"https://[2001:db8::1]:9/a?hidden", "https://[2001:db8::1]:9/a"},
      {"/%", "/%"},
      {"/%3", "/%3"},
  };
  for (const auto& row : table) {
    CAPTURE(row.location);
    CHECK(shown_location(row.location) == row.shown);
    CHECK(shown_location(row.location).find("hid") == std::string::npos);
  }
}

}  // namespace
