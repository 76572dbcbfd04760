// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_bodies.hpp"

#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace binarly::test;

const std::string own = "own [the component tree has no checksum of the image itself]";

std::string tree(const std::string& body, std::vector<std::string> files) {
  auto query = query_for(binarly::sbom_format::cyclonedx, std::move(files));
  query.scan_id = "S";
  return read(query, body);
}

/// An entry whose MD5 the digit makes.
std::string entry(const std::string& name, const std::string& path, char digit,
                  const std::string& more = "") {
  return R"({"name":")" + name + R"(","path":")" + path + R"(","md5":")" + md5(digit) + '"' + more +
         "}";
}

const std::string root =
    entry("fw.bin", "fw.bin", '0',
          R"(,"components":[)" + entry("a", "fw.bin/usr/a", '1') + "," +
              entry("lib", "/fw.bin/lib", '2',
                    R"(,"sha1":"","sha256":null,"components":[)" +
                        entry("a", "./fw.bin/lib/a", '3', R"(,"components":null)") + "]") +
              "]");

}  // namespace

TEST_CASE("sbom_reader: a component tree, by name and by path, however the tree begins") {
  for (const auto& body : {root, "[" + root + "]", R"({"components":[)" + root + "]}"}) {
    CAPTURE(body);
    CHECK(tree(body, {"a"}) ==
          own + "; a at fw.bin/usr/a MD5=" + md5('1') + "; a at ./fw.bin/lib/a MD5=" + md5('3'));
    CHECK(tree(body, {"fw.bin/lib/a"}) == own + "; fw.bin/lib/a at ./fw.bin/lib/a MD5=" + md5('3'));
    CHECK(tree(body, {"fw.bin/lib"}) == own + "; fw.bin/lib at /fw.bin/lib MD5=" + md5('2'));
    // Its name is its path: one entry.
    CHECK(tree(body, {"fw.bin"}) == own + "; fw.bin at fw.bin MD5=" + md5('0'));
    CHECK(tree(body, {"usr/a", "A"}) == own);
  }
}

TEST_CASE("sbom_reader: a component tree, all checksums, in any order of members") {
  const std::string all = R"({"sha512":")" + std::string(128, 'd') + R"(","sha256":")" +
                          std::string(64, 'C') + R"(","sha1":")" + std::string(40, 'b') +
                          R"(","md5":")" + md5('a') + R"(","path":"/x/a")";
  const std::string values = " SHA-512=" + std::string(128, 'd') +
                             " SHA-256=" + std::string(64, 'c') + " SHA-1=" + std::string(40, 'b') +
                             " MD5=" + md5('a');
  CHECK(tree(all + R"(,"name":"a"})", {"a"}) == own + "; a at /x/a" + values);
  CHECK(tree(all + R"(,"name":"b"})", {"x/a"}) == own + "; x/a at /x/a" + values);
  CHECK(tree(R"({"name":"b",)" + all.substr(1) + "}", {"x/a"}) == own + "; x/a at /x/a" + values);
  const auto flawed = tree(R"({"name":"a","path":"p","sha1":"12","sha256":5})", {"a"});
  CHECK(flawed.find("[SHA-1: field \"sha1\": a checksum of 2 digits") != std::string::npos);
  CHECK(flawed.find("field \"sha256\": a number where a string is due") != std::string::npos);
  CHECK(tree(R"({"name":"b","path":"p","sha1":"12","sha256":5})", {"a"}) == own);
}

TEST_CASE("sbom_reader: what is no component tree, and bounds of one") {
  CHECK(fails_with(tree("{}", {"a"}), "not a tree of components"));
  CHECK(fails_with(tree(R"({"bomFormat":"CycloneDX"})", {"a"}), "not a tree of components"));
  CHECK(fails_with(tree(R"("x")", {"a"}), "a string where an object is due"));
  CHECK(tree("[]", {"a"}) == own);
  CHECK(tree(R"({"components":null,"name":"r","path":""})", {"a"}) == own);
  const auto nested = [](std::size_t levels) {
    return repeat(R"({"name":"n","path":"p","components":[)", levels) + entry("a", "deep", '1') +
           repeat("]}", levels);
  };
  CHECK(tree(nested(64), {"a"}) == own + "; a at deep MD5=" + md5('1'));
  CHECK(tree(nested(65), {"a"}).find("; unread [") != std::string::npos);
}
