// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/challenges.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using binarly::connect::append_schemes;
using binarly::connect::has_scheme;
using names = std::vector<std::string>;

names schemes_of(const std::string& challenges) {
  names found;
  append_schemes(found, challenges);
  return found;
}

TEST_CASE("the schemes of a challenge are found among their parameters") {
  struct row {
    std::string challenges;
    names schemes;
  };
  const std::vector<row> table{
      {"Basic", {"Basic"}},
      {"Basic realm=\"proxy\"", {"Basic"}},
      {"Negotiate, NTLM", {"Negotiate", "NTLM"}},
      {"NTLM TlRMTVNTUAAB==", {"NTLM"}},
      {"Digest realm=\"a, Basic b\", qop=\"auth,auth-int\", nonce=\"\\\"x\", Basic realm=\"c\"",
       {"Digest", "Basic"}},
      {"Digest realm = \"x\" , algorithm = MD5", {"Digest"}},
      {"Basic, basic, BASIC", {"Basic"}},
      {" ,, Kerberos ,", {"Kerberos"}},
      {"SCRAM-SHA-256 realm=x", {"SCRAM-SHA-256"}},
      {"", {}},
      {"\"Basic\"", {}},
      {"Ba\x1bsic", {}},
      {"Digest realm=\"never closed, Basic", {"Digest"}},
      {std::string(33, 'a'), {}},
      {"a, b, c, d, e, f, g, h, i, j", {"a", "b", "c", "d", "e", "f", "g", "h"}},
  };
  for (const auto& row : table) {
    CAPTURE(row.challenges);
    CHECK(schemes_of(row.challenges) == row.schemes);
  }
  CHECK(has_scheme({"basic"}, "Basic"));
  CHECK_FALSE(has_scheme({"Negotiate"}, "Basic"));
}

}  // namespace
