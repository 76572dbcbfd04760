// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/line.hpp"

#include "tools/text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace binarly::tools {

namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// What needs no escape in JSON.
void append_word(std::string& out, std::string_view word) {
  out.append(1, '"').append(word).append(1, '"');
}

void append_text(std::string& out, std::string_view text) {
  // Most texts are ids. To look at all of one, without a way out early, takes fewer steps.
  bool special = false;
  for (const char c : text)
    special |= (c < ' ') | (c == '"') | (c == '\\') | (c == '\x7f');
  if (special) {
    out += json::serialize(view(text));
  } else {
    append_word(out, text);
  }
}

void append_key(std::string& out, std::string_view key) {
  out.append(out.empty() ? "{\"" : ",\"").append(key).append("\":");
}

void append(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  append_text(out, text);
}

void append(std::string& out, std::string_view key, std::uint64_t number) {
  append_key(out, key);
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_flag(std::string& out, std::string_view key) {
  append_key(out, key);
  out += "true";
}

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 16> text{};
  for (auto at = text.rbegin(); at != text.rend(); ++at, value >>= 4U)
    *at = digits[value & 15U];
  append_word(out, {text.data(), text.size()});
}

void append_mismatches(std::string& out, const std::vector<mismatch>& mismatches) {
  append_key(out, "mismatches");
  char mark = '[';
  for (const auto& one : mismatches) {
    out += std::exchange(mark, ',');
    out += "{\"field\":";
    append_text(out, one.field);
    append(out, "expected", one.expected);
    append(out, "found", one.found);
    out += '}';
  }
  out += ']';
}

void append_notes(std::string& out, const std::vector<std::string>& notes) {
  append_key(out, "notes");
  char mark = '[';
  for (const auto& note : notes) {
    out += std::exchange(mark, ',');
    append_text(out, note);
  }
  out += ']';
}

void append_retries(std::string& out, const std::vector<retry_cause>& retries) {
  append_key(out, "retries");
  std::string all;
  for (const auto& cause : retries)
    append(all, cause.code, cause.count);
  out += all + '}';
}

/// What is wrong with a line.
struct flaw {
  std::string why;
};

const json::value& needed(const json::object& object, json::string_view key) {
  const auto* const found = object.if_contains(key);
  if (found == nullptr) throw flaw{"it has no " + std::string(key)};
  return *found;
}

std::string text_of(const json::value& value, json::string_view key) {
  const auto* const found = value.if_string();
  if (found == nullptr) throw flaw{std::string(key) + " is no string"};
  return {found->data(), found->size()};
}

std::string text(const json::object& object, json::string_view key) {
  return text_of(needed(object, key), key);
}

std::string text_or_none(const json::object& object, json::string_view key) {
  return object.contains(key) ? text(object, key) : std::string();
}

std::uint64_t whole(const json::value& value, json::string_view key) {
  json::error_code ec;
  const auto number = value.to_number<std::uint64_t>(ec);
  if (ec) throw flaw{std::string(key) + " is no whole number"};
  return number;
}

std::uint64_t whole_or_zero(const json::object& object, json::string_view key) {
  const auto* const found = object.if_contains(key);
  return found == nullptr ? 0 : whole(*found, key);
}

const json::array& list(const json::value& value, json::string_view key) {
  const auto* const found = value.if_array();
  if (found == nullptr) throw flaw{std::string(key) + " is no list"};
  return *found;
}

const json::object& object_in(const json::value& value, json::string_view key) {
  const auto* const found = value.if_object();
  if (found == nullptr) throw flaw{std::string(key) + " is no object"};
  return *found;
}

std::uint64_t digest_in(const std::string& digits) {
  std::uint64_t value = 0;
  const auto* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, value, 16);
  if (digits.size() != 16 || error != std::errc() || end != last) {
    throw flaw{"digest is not 16 hexadecimal digits"};
  }
  return value;
}

verdict verdict_in(const std::string& word) {
  for (std::size_t each = 0; each < verdict_count; ++each) {
    if (word == to_string(static_cast<verdict>(each))) return static_cast<verdict>(each);
  }
  throw flaw{"verdict is \"" + printable(word, 40) + "\", which is none"};
}

journal_failure failure_in(const json::object& object) {
  journal_failure out;
  out.code = text(object, "code");
  out.step = text_or_none(object, "step");
  out.http_status =
      static_cast<unsigned>(std::min<std::uint64_t>(whole_or_zero(object, "http_status"), 999));
  out.message = text(object, "message");
  out.advice = text_or_none(object, "advice");
  out.request_id = text_or_none(object, "request_id");
  out.answered_by = text_or_none(object, "answered_by");
  out.server_message = text_or_none(object, "server_message");
  return out;
}

bool flag(const json::object& object, json::string_view key) {
  const auto* const found = object.if_contains(key);
  if (found == nullptr) return false;
  const auto* const value = found->if_bool();
  if (value == nullptr) throw flaw{std::string(key) + " is neither true nor false"};
  return *value;
}

/// Whether the verdict, which is `missing` or `forbidden`, is the platform's own. Lines of before
/// 0.2 do not say who answered: then it is known by its message, which no other's answer had.
bool is_platforms_word(const journal_entry& entry) {
  if (!entry.failure) return false;
  const auto& why = *entry.failure;
  if (why.step == to_string(phase::token) || why.http_status == 401) return false;
  if (!why.answered_by.empty()) return why.answered_by == to_string(responder::platform);
  return !why.server_message.empty();
}

/// What the line means today: versions before 0.2 took some failures for the platform's word, and
/// a scan that had not ended in time for a difference.
verdict verdict_today(const journal_entry& entry) {
  switch (entry.verdict) {
    case verdict::missing:
    case verdict::forbidden:
      return is_platforms_word(entry) ? entry.verdict : verdict::failed;
    case verdict::mismatched: {
      const auto& all = entry.mismatches;
      const bool unended =
          all.size() == 1 && all.front().field == "scan" && all.front().expected == "ended";
      return unended ? verdict::failed : entry.verdict;
    }
    default:
      return entry.verdict;
  }
}

std::chrono::nanoseconds latency_in(const json::value& value) {
  json::error_code ec;
  const double milliseconds = value.to_number<double>(ec);
  // A month is more than any lookup may take.
  constexpr double most = 31.0 * 24 * 3600 * 1000;
  if (ec || !(milliseconds >= 0 && milliseconds <= most)) {
    throw flaw{"latency_ms is no span of time"};
  }
  return std::chrono::nanoseconds(std::llround(milliseconds * 1e6));
}

journal_entry entry_in(const json::object& object) {
  constexpr std::uint64_t most_rows = std::uint64_t{1} << 48U;
  journal_entry entry;
  entry.row = whole(needed(object, "row"), "row");
  if (entry.row == 0 || entry.row > most_rows) throw flaw{"row is not from 1 to 2^48"};
  entry.digest = digest_in(text(object, "digest"));
  entry.product_id = text(object, "product_id");
  entry.image_id = text(object, "image_id");
  entry.verdict = verdict_in(text(object, "verdict"));
  if (const auto* const all = object.if_contains("mismatches")) {
    for (const auto& one : list(*all, "mismatches")) {
      const auto& parts = object_in(one, "a mismatch");
      entry.mismatches.push_back(
          {text(parts, "field"), text(parts, "expected"), text(parts, "found")});
    }
  }
  entry.scan = text_or_none(object, "scan");
  entry.archived = flag(object, "archived");
  if (const auto* const all = object.if_contains("notes")) {
    for (const auto& note : list(*all, "notes"))
      entry.notes.push_back(text_of(note, "a note"));
  }
  entry.again = flag(object, "again");
  if (const auto* const why = object.if_contains("failure")) {
    entry.failure = failure_in(object_in(*why, "failure"));
  }
  entry.attempts = whole_or_zero(object, "attempts");
  if (const auto* const all = object.if_contains("retries")) {
    for (const auto& [code, count] : object_in(*all, "retries"))
      entry.retries.push_back({std::string(code), whole(count, code)});
  }
  entry.limit = whole_or_zero(object, "limit");
  const auto at = timestamp::parse(text(object, "at"));
  if (!at) throw flaw{"at is no date and time"};
  entry.at = std::chrono::floor<std::chrono::milliseconds>(at->time);
  entry.latency = latency_in(needed(object, "latency_ms"));
  entry.verdict = verdict_today(entry);
  return entry;
}

}  // namespace

std::string journal_line(const journal_entry& entry, std::string_view failure_json) {
  std::string out;
  out.reserve(320 + failure_json.size());
  append(out, "row", entry.row);
  append_key(out, "digest");
  append_hex(out, entry.digest);
  append(out, "product_id", entry.product_id);
  append(out, "image_id", entry.image_id);
  append_key(out, "verdict");
  append_word(out, to_string(entry.verdict));
  if (!entry.mismatches.empty()) append_mismatches(out, entry.mismatches);
  if (!entry.scan.empty()) append(out, "scan", entry.scan);
  if (entry.archived) append_flag(out, "archived");
  if (!entry.notes.empty()) append_notes(out, entry.notes);
  if (entry.again) append_flag(out, "again");
  if (entry.failure) {
    append_key(out, "failure");
    out += failure_json;
  }
  append(out, "attempts", entry.attempts);
  if (!entry.retries.empty()) append_retries(out, entry.retries);
  if (entry.limit != 0) append(out, "limit", entry.limit);
  append_key(out, "at");
  append_word(out, to_rfc3339(entry.at));
  append_key(out, "latency_ms");
  // By hand: a JSON library writes 58.7 as 5.87E1, which no person reads and not every tool sorts.
  out += in_milliseconds(entry.latency);
  out += "}\n";
  return out;
}

boost::system::result<journal_entry, std::string> read_journal_line(std::string_view line) {
  std::array<unsigned char, 16 * 1024> space;  // NOLINT(*-member-init): a parser's scratch room
  json::monotonic_resource memory(space.data(), space.size());
  json::parse_options strict;
  strict.max_depth = 8;
  json::error_code ec;
  const json::value value = json::parse(view(line), ec, &memory, strict);
  if (ec) return "it is not JSON: " + ec.message();
  try {
    return entry_in(object_in(value, "the line"));
  } catch (flaw& found) {
    return std::move(found.why);
  }
}

}  // namespace binarly::tools
