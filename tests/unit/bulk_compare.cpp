// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/verify_images.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace binarly;

image an_image() {
  image found;
  found.id = "I";
  found.name = "n";
  found.version = "v";
  found.create_time = timestamp::parse("2024-01-20T10:00:00.5Z").value();
  found.author.text = "someone@example.com";
  found.parent = "products/P";
  return found;
}

expectation expected() { return expectation(image_ref("P", "I")); }

/// The fields that differ, each as `field expected found`.
std::vector<std::string> differences(const expectation& wanted, const image& found) {
  std::vector<std::string> out;
  for (const auto& one : compare(wanted, found))
    out.push_back(one.field + " " + one.expected + " " + one.found);
  return out;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("compare: what is not expected is not compared") {
  CHECK(compare(expected(), an_image()).empty());
  CHECK(differences(expectation(image_ref("Q", "J")), an_image()) ==
        lines{"id J I", "parent products/Q products/P"});
}

TEST_CASE("compare: the parent, where the service sends none") {
  auto found = an_image();
  found.parent.clear();
  auto wanted = expected();
  CHECK(compare(wanted, found).empty());
  wanted.parent = "products/P";
  CHECK(differences(wanted, found) == lines{"parent products/P "});
  wanted.parent = "products/other";
  CHECK(differences(wanted, an_image()) == lines{"parent products/other products/P"});
}

TEST_CASE("compare: ids and parents are the same as names are") {
  auto found = an_image();
  found.id = "01JYJ0W0AACGC7QT1Q21SRWG94";
  found.parent = "products/01JQPGDX8QW0YJ0XEKV1EVG534";
  auto wanted = expectation(image_ref("01jqpgdx8qw0yj0xekv1evg534", "01jyj0w0aacgc7qt1q21srwg94"));
  CHECK(compare(wanted, found).empty());
  wanted.parent = "products/01jqpgdx8qw0yj0xekv1evg534";
  CHECK(compare(wanted, found).empty());
  found.id = "products/01JQPGDX8QW0YJ0XEKV1EVG534/images/01JYJ0W0AACGC7QT1Q21SRWG94";
  CHECK(compare(wanted, found).empty());
  // What is no ULID is compared byte for byte.
  auto plain = an_image();
  plain.id = "i";
  CHECK(differences(expected(), plain) == lines{"id I i"});
  plain = an_image();
  plain.parent = "products/p";
  CHECK(differences(expected(), plain) == lines{"parent products/P products/p"});
}

TEST_CASE("compare: a time that is not known is within no bounds") {
  auto wanted = expected();
  auto found = an_image();
  found.create_time = timestamp{{}, "", false};
  CHECK(compare(wanted, found).empty());
  wanted.created_not_before = std::chrono::sys_seconds();
  CHECK(differences(wanted, found) == lines{"createTime not before 1970-01-01T00:00:00.000Z "});
  wanted.created_not_before = std::nullopt;
  wanted.created_not_after = std::chrono::sys_seconds();
  found.create_time.text = "0001-01-01T00:00:00Z";
  CHECK(differences(wanted, found) ==
        lines{"createTime not after 1970-01-01T00:00:00.000Z 0001-01-01T00:00:00Z"});
}

TEST_CASE("compare: an author is known by any of his names") {
  auto found = an_image();
  found.author = author();
  found.author.user_id = "U1";
  found.author.email = "e@example.com";
  auto wanted = expected();
  for (const std::string name : {"U1", "e@example.com"}) {
    wanted.author = name;
    CHECK(compare(wanted, found).empty());
  }
  for (const std::string name : {"u1", "", "someone@example.com"}) {
    wanted.author = name;
    CHECK(differences(wanted, found) == lines{"author " + name + " e@example.com"});
  }
  wanted.author = "someone@example.com";
  CHECK(compare(wanted, an_image()).empty());
  found.author = author();
  wanted.author = "";
  CHECK(compare(wanted, found).empty());
}

TEST_CASE("compare: the time of creation has bounds, both inclusive") {
  using namespace std::chrono_literals;
  const auto created = an_image().create_time.time;
  auto wanted = expected();
  wanted.created_not_before = created;
  wanted.created_not_after = created;
  CHECK(compare(wanted, an_image()).empty());
  wanted.created_not_before = created + 1ns;
  CHECK(differences(wanted, an_image()) ==
        lines{"createTime not before 2024-01-20T10:00:00.500000001Z 2024-01-20T10:00:00.5Z"});
  wanted.created_not_before = std::nullopt;
  wanted.created_not_after = created - 500ms;
  CHECK(differences(wanted, an_image()) ==
        lines{"createTime not after 2024-01-20T10:00:00.000Z 2024-01-20T10:00:00.5Z"});
}

TEST_CASE("compare: checksums, whatever the case of their digits") {
  image_hashes found;
  found.own = {{"SHA-256", std::string(64, 'a')}, {"MD5", std::string(32, 'b')}};
  auto wanted = expected();
  CHECK(compare(wanted, found).empty());
  wanted.sha256 = std::string(64, 'A');
  wanted.md5 = std::string(32, 'b');
  CHECK(compare(wanted, found).empty());
  wanted.md5 = std::string(32, 'c');
  // One that the report does not state differs.
  wanted.sha1 = std::string(40, '0');
  const auto differences = compare(wanted, found);
  REQUIRE(differences.size() == 2);
  CHECK(differences[0].field == "sha1");
  CHECK(differences[0].found == "");
  CHECK(differences[1].field == "md5");
  CHECK(differences[1].found == std::string(32, 'b'));
}

TEST_CASE("compare: several values of one checksum, and one that is not told") {
  image_hashes found;
  found.own = {{"SHA-256", std::string(64, 'a')}, {"SHA-256", std::string(64, 'b')}};
  found.own_flaws = {{"MD5", "of 31 digits"}};
  auto wanted = expected();
  wanted.sha256 = std::string(64, 'B');
  CHECK(compare(wanted, found).empty());
  wanted.sha256 = std::string(64, 'c');
  wanted.md5 = std::string(32, 'd');
  const auto differences = compare(wanted, found);
  REQUIRE(differences.size() == 2);
  CHECK(differences[0].found == std::string(64, 'a') + ", " + std::string(64, 'b'));
  CHECK(differences[1].found.empty());
}
