// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/checksum_text.hpp"

#include "domain/printable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace binarly::domain {
namespace {

constexpr std::size_t longest_name = 32;
constexpr std::size_t longest_value = 1024;
/// Before a flaw; no algorithm's name has it.
constexpr char mark = '!';

/// An algorithm that the formats know, and how many hexadecimal digits it makes; 0 for as many as
/// one likes.
struct known_algorithm {
  std::string_view name;
  std::size_t digits;
};

// The usual ones are first.
constexpr std::array<known_algorithm, 22> known{{
    {"SHA-256", 64},      {"SHA-1", 40},         {"MD5", 32},         {"SHA-512", 128},
    {"SHA-384", 96},      {"SHA-224", 56},       {"SHA3-224", 56},    {"SHA3-256", 64},
    {"SHA3-384", 96},     {"SHA3-512", 128},     {"BLAKE2b-256", 64}, {"BLAKE2b-384", 96},
    {"BLAKE2b-512", 128}, {"BLAKE3", 0},         {"MD2", 32},         {"MD4", 32},
    {"MD6", 0},           {"ADLER32", 8},        {"CRC32", 8},        {"RIPEMD-160", 40},
    {"Streebog-256", 64}, {"Streebog-512", 128},
}};

const known_algorithm* find_known(std::string_view name) {
  auto found = std::ranges::find(known, name, &known_algorithm::name);
  if (found == known.end()) {
    found = std::ranges::find_if(
        known, [name](const known_algorithm& each) { return same_algorithm(each.name, name); });
  }
  return found == known.end() ? nullptr : &*found;
}

bool has_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("._/+:-").find(c) != std::string_view::npos;
}

/// Digits and letters as they are written down; 0 for what is no hexadecimal digit.
constexpr auto lower_digits = [] {
  std::array<char, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c)
    table[c] = static_cast<char>(c);
  for (std::size_t c = 0; c < 6; ++c)
    table['a' + c] = table['A' + c] = static_cast<char>('a' + c);
  return table;
}();

constexpr char lower_digit(char c) noexcept { return lower_digits[static_cast<unsigned char>(c)]; }

/// The same for a name as SPDX 3 writes it: `sha3_256`, or an IRI that ends so; and for
/// `checksumAlgorithm_sha256`, as SPDX 2 has it in RDF, and some tools in JSON.
const known_algorithm* find_known_of_rdf(std::string_view name) {
  constexpr std::string_view prefix = "checksumAlgorithm_";
  std::string plain(name.substr(name.find_last_of("/#") + 1));
  if (plain.starts_with(prefix)) plain.erase(0, prefix.size());
  std::erase(plain, '_');
  return find_known(plain);
}

void append_flaw(std::string& out, std::string_view algorithm, std::string_view words) {
  out.append(1, mark).append(algorithm).append(1, ' ').append(words) += '\n';
}

}  // namespace

void append_checksum(std::string& out, std::string_view algorithm, std::string_view value,
                     const std::function<std::string()>& place) {
  const auto refuse = [&](std::string_view name, const std::string& words) {
    append_flaw(out, name, place() + ": " + words);
  };
  const auto* which = find_known(algorithm);
  if (which == nullptr) which = find_known_of_rdf(algorithm);
  if (which == nullptr && (algorithm.empty() || algorithm.size() > longest_name ||
                           !std::ranges::all_of(algorithm, has_name_character))) {
    return refuse("", "\"" + printable(algorithm, longest_name) + "\" is not an algorithm's name");
  }
  std::string name(which != nullptr ? which->name : algorithm);
  if (which == nullptr) {
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
  }
  if (value.empty()) return refuse(name, "a checksum by " + name + " without a value");
  if (value.size() > longest_value || value.size() % 2 != 0 ||
      !std::ranges::all_of(value, lower_digit)) {
    return refuse(name, "a checksum by " + name + " that is not in hexadecimal digits");
  }
  if (which != nullptr && which->digits != 0 && value.size() != which->digits) {
    return refuse(name, "a checksum of " + std::to_string(value.size()) + " digits, where " + name +
                            " makes " + std::to_string(which->digits));
  }
  out.append(name).append(1, ' ');
  const std::size_t begin = out.size();
  out.resize(begin + value.size());
  std::ranges::transform(value, out.begin() + static_cast<std::ptrdiff_t>(begin), lower_digit);
  out += '\n';
}

void append_flaw(std::string& out, std::string_view words) { append_flaw(out, "", words); }

void read_checksums(std::string_view appended, std::vector<checksum>& checksums,
                    std::vector<checksum_flaw>& flaws) {
  const auto next = [&appended](char end) {
    const auto word = appended.substr(0, appended.find(end));
    appended.remove_prefix(word.size() + 1);
    return std::string(word);
  };
  while (!appended.empty()) {
    const bool flawed = appended.front() == mark;
    if (flawed) appended.remove_prefix(1);
    std::string algorithm = next(' ');
    std::string value = next('\n');
    if (flawed) {
      flaws.push_back({std::move(algorithm), std::move(value)});
      continue;
    }
    const bool again = std::ranges::any_of(checksums, [&](const checksum& other) {
      return other.value == value && same_algorithm(other.algorithm, algorithm);
    });
    if (!again) checksums.push_back({std::move(algorithm), std::move(value)});
  }
}

}  // namespace binarly::domain
