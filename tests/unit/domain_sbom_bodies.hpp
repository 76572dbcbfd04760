// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_DOMAIN_SBOM_BODIES_HPP
#define BINARLY_TESTS_DOMAIN_SBOM_BODIES_HPP

#include "domain_sbom_text.hpp"

#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Small reports, and what is read of them.

namespace binarly::test {

inline hash_query query_for(sbom_format format, std::vector<std::string> files = {}) {
  hash_query query;
  query.format = format;
  query.files = std::move(files);
  return query;
}

inline std::vector<std::string_view> bytes_of(std::string_view body) {
  std::vector<std::string_view> bytes;
  for (const char& c : body)
    bytes.emplace_back(&c, 1);
  return bytes;
}

/// A failure's reason but for the byte: at a literal, the parser's own position depends on the
/// pieces.
inline std::string without_byte(std::string outcome) {
  const auto begin = outcome.find("byte ");
  if (!outcome.starts_with("FAILED ") || begin == outcome.npos) return outcome;
  return outcome.erase(begin, outcome.find(':', begin) - begin);
}

/// The outcome, which must not depend on how the body is cut.
inline std::string read(const hash_query& query, std::string_view body) {
  const std::string whole = read_sbom(query, std::array{body});
  CHECK(without_byte(read_sbom(query, bytes_of(body))) == without_byte(whole));
  return whole;
}

inline std::string cyclonedx(std::string_view body, std::vector<std::string> files = {}) {
  return read(query_for(sbom_format::cyclonedx, std::move(files)), body);
}

inline std::string spdx(std::string_view body, std::vector<std::string> files = {}) {
  return read(query_for(sbom_format::spdx, std::move(files)), body);
}

inline bool fails_with(const std::string& outcome, const std::string& words) {
  CAPTURE(outcome);
  return outcome.starts_with("FAILED ") && outcome.find(words) != outcome.npos;
}

inline std::string repeat(std::string_view text, std::size_t times) {
  std::string sum;
  for (std::size_t i = 0; i < times; ++i)
    sum += text;
  return sum;
}

/// 32 hexadecimal digits that the letter makes.
inline std::string md5(char digit) { return std::string(32, digit); }
inline std::string hash(char digit) { return R"({"alg":"MD5","content":")" + md5(digit) + R"("})"; }
inline std::string hashes(char digit) { return R"("hashes":[)" + hash(digit) + "]"; }
inline std::string checksums(char digit) {
  return R"("checksums":[{"algorithm":"MD5","checksumValue":")" + md5(digit) + R"("}])";
}

inline std::string component(const std::string& name, char digit, const std::string& more = "") {
  return R"({"name":")" + name + R"(",)" + hashes(digit) + more + "}";
}

/// A whole CycloneDX report with these components.
inline std::string report(const std::string& components, const std::string& more = "") {
  return R"({"bomFormat":"CycloneDX","metadata":{"component":{)" + hashes('0') +
         R"(}},"components":[)" + components + "]" + more + "}";
}

inline std::string package(const std::string& id, char digit, const std::string& name = "p") {
  return R"({"SPDXID":")" + id + R"(","name":")" + name + R"(",)" + checksums(digit) + "}";
}

inline std::string spdx_report(const std::string& members) {
  return R"({"spdxVersion":"SPDX-2.3",)" + members + "}";
}

inline std::string describes(const std::string& id) {
  return R"({"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES",)"
         R"("relatedSpdxElement":")" +
         id + R"("})";
}

// A little of everything.
inline const std::string small_spdx =
    spdx_report(R"("SPDXID":"SPDXRef-DOCUMENT","packages":[)" + package("A", '1') + "," +
                package("B", '2') + R"(],"files":[{"fileName":"./usr/a","SPDXID":"F",)" +
                checksums('3') + R"(}],"relationships":[)" + describes("B") + "]");

}  // namespace binarly::test

#endif
