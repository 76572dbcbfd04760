// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/shard.hpp"

#include "tools/exit_code.hpp"
#include "tools/job_numbering.hpp"
#include "tools/text.hpp"

#include <boost/crc.hpp>

#include <charconv>
#include <optional>
#include <system_error>

namespace binarly::tools {

namespace {

constexpr std::uint64_t most_shards = 100'000;

[[noreturn]] void refuse(const std::string& why) {
  throw command_error(exit_code::usage, "--shard: " + why);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool shard::takes(std::string_view image_id) const noexcept {
  if (count == 1) return true;
  // A full name falls to the shard of its id.
  if (const auto slash = image_id.rfind('/'); slash != image_id.npos) {
    image_id.remove_prefix(slash + 1);
  }
  boost::crc_32_type sum;
  sum.process_bytes(image_id.data(), image_id.size());
  return sum.checksum() % count == number - 1;
}

shard parse_shard(const std::string& text, const environment& variables) {
  if (text.empty()) return {};
  const auto slash = text.find('/');
  const auto before = text.substr(0, slash);
  std::optional<std::uint64_t> count;
  if (slash != std::string::npos) {
    count = number_in(std::string_view(text).substr(slash + 1));
    if (!count) refuse("\"" + printable(text, 40) + "\" is neither K/N, auto nor auto/N");
  }
  std::optional<std::uint64_t> number;
  if (before == "auto") {
    const auto found = find_job_number(variables, count);
    number = found.number;
    if (count && found.count && count != found.count) {
      refuse("the array has " + std::to_string(*found.count) + " member" +
             (*found.count == 1 ? "" : "s") + ", not " + std::to_string(*count));
    }
    if (!count) count = found.count;
    if (!count) refuse("the job does not tell how many there are; give their number as auto/N");
  } else {
    number = number_in(before);
  }
  if (!number || !count) refuse("\"" + printable(text, 40) + "\" is neither K/N, auto nor auto/N");
  if (*count == 0 || *count > most_shards) refuse("there are from 1 to 100,000 shards");
  if (*number == 0 || *number > *count) {
    refuse(std::to_string(*number) + " is not from 1 to " + std::to_string(*count));
  }
  return {*number, *count};
}

}  // namespace binarly::tools
