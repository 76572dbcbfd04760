// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_reader.hpp"
#include "domain_image_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::string_view_literals;
using binarly::domain::image_reader;

constexpr std::string_view required =
    R"("id":"I","name":"N","version":"V","createTime":"1970-01-01T00:00:00Z","author":"A")";
constexpr std::string_view required_text =
    "id=I name=N version=V time=1970-01-01T00:00:00Z/0 author(text=A ) ";

std::string read(std::string_view body) { return binarly::test::read_text(std::array{body}); }

/// The outcome for an image with one more member, which must not depend on how the body is cut.
std::string read_with(std::string_view member) {
  const std::string body = "{" + std::string(required) + "," + std::string(member) + "}";
  std::vector<std::string_view> bytes;
  for (const char& c : body)
    bytes.emplace_back(&c, 1);
  const std::string whole = read(body);
  CHECK(binarly::test::read_text(bytes) == whole);
  return whole;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string sum;
  for (std::size_t i = 0; i < times; ++i)
    sum += text;
  return sum;
}

/// Feeds `start`, then `piece` as long as it is taken; the bytes that it took, at most `limit`.
struct flood {
  flood(std::string_view start, std::string_view piece, std::size_t limit) {
    bool taken = reader.write(start);
    size = start.size();
    while (taken && size < limit) {
      taken = reader.write(piece);
      size += piece.size();
    }
    reason = reader.finish().error().detail().reason;
  }

  image_reader reader;
  std::size_t size = 0;
  std::string reason;
};

TEST_CASE("image_reader: each field takes its own kinds of value, and no other") {
  struct field {
    std::string path;
    std::string before;
    std::string after;
    std::string due;
    std::string kinds;  // of string, number, boolean, null, object, array; t: a date-time
  };
  std::vector<field> fields;
  const auto add = [&](const std::string& prefix, const std::string& before,
                       const std::string& after, std::string_view key, std::string_view due,
                       std::string_view kinds) {
    fields.push_back({prefix + std::string(key), before + "\"" + std::string(key) + "\":", after,
                      std::string(due), std::string(kinds)});
  };
  add("", "{", "}", "id", "a string", "s");
  for (const auto key : {"name"sv, "version"sv})
    add("", "{", "}", key, "a string", "s0");
  add("", "{", "}", "createTime", "a date-time", "0");
  add("", "{", "}", "author", "a string or an object", "so0");
  add("", "{", "}", "parent", "a string", "s0");
  add("", "{", "}", "isArchived", "a boolean", "b0");
  add("", "{", "}", "files", "an array", "a0");
  add("", "{", "}", "scans", "an array", "a0");
  add("", "{", "}", "latestScan", "an object", "o0");
  add("", "{", "}", "counts", "an object", "o0");
  for (const auto key : {"userId"sv, "id"sv, "email"sv, "status"sv, "resourceType"sv}) {
    add("author.", R"({"author":{)", "}}", key, "a string", "s0");
  }
  add("author.", R"({"author":{)", "}}", "createTime", "a date-time", "0");
  const std::string file = R"({"files":[{},{)";
  for (const auto key : {"id"sv, "filename"sv, "downloadUrl"sv, "parent"sv}) {
    add("files[1].", file, "}]}", key, "a string", "s0");
  }
  add("files[1].", file, "}]}", "createTime", "a date-time", "0");
  add("files[1].", file, "}]}", "author", "a string or an object", "so0");
  add("files[1].", file, "}]}", "isAttachment", "a boolean", "b0");
  add("files[1].", file, "}]}", "metadata", "an object", "o0");
  const std::string scan = R"({"scans":[{)";
  for (const auto key : {"id"sv, "parent"sv})
    add("scans[0].", scan, "}]}", key, "a string", "s0");
  add("scans[0].", scan, "}]}", "createTime", "a date-time", "0");
  add("scans[0].", scan, "}]}", "author", "a string or an object", "so0");
  add("scans[0].", scan, "}]}", "latestScanState", "an object", "o0");
  const std::string state = R"({"latestScan":{"latestScanState":{)";
  for (const auto key : {"id"sv, "type"sv}) {
    add("latestScan.latestScanState.", state, "}}}", key, "a string", "s0");
  }
  add("latestScan.latestScanState.", state, "}}}", "createTime", "a date-time", "0");
  add("counts.", R"({"counts":{)", "}}", "findingTypeCounts", "an array", "a0");
  add("counts.", R"({"counts":{)", "}}", "anything", "", "snb0oa");
  add("", "{", "}", "unknown", "", "snb0oa");
  fields.push_back({"files[0]", R"({"files":[)", "]}", "an object", "o"});
  fields.push_back({"files[1]", R"({"files":[{},)", "]}", "an object", "o"});
  fields.push_back({"scans[0]", R"({"scans":[)", "]}", "an object", "o"});

  const struct {
    char kind;
    std::string_view json;
    std::string_view words;
  } values[] = {{'s', R"("x")", "a string"}, {'n', "12", "a number"},
                {'n', "-1.5", "a number"},   {'n', "18446744073709551615", "a number"},
                {'b', "true", "a boolean"},  {'0', "null", "null"},
                {'o', "{}", "an object"},    {'a', "[]", "an array"}};
  for (const auto& [path, before, after, due, kinds] : fields) {
    for (const auto& [kind, json, words] : values) {
      CAPTURE(path);
      CAPTURE(json);
      const std::string outcome = read(before + std::string(json) + after);
      if (kinds.find(kind) != std::string::npos) {
        // The id is absent here, which is found at the very end.
        CHECK((path == "id" ? outcome == "id=x author() " : outcome.ends_with("is absent")));
      } else if (kind == 's' && due == "a date-time") {
        CHECK(outcome.starts_with("FAILED field \"" + path + "\" at byte "));
        CHECK(outcome.ends_with(": not a date-time of RFC 3339"));
      } else {
        CHECK(outcome.starts_with("FAILED field \"" + path + "\" at byte "));
        CHECK(outcome.ends_with(": " + std::string(words) + " where " + due + " is due"));
      }
    }
  }
}

TEST_CASE("image_reader: where the trouble is") {
  CHECK(read(R"({"createTime":"x"})") ==
        "FAILED field \"createTime\" at byte 16: not a date-time of RFC 3339");
  CHECK(read(R"({"files":[{},{"createTime":"x"}]})") ==
        "FAILED field \"files[1].createTime\" at byte 29: not a date-time of RFC 3339");
  CHECK(read(R"({"name":12})") ==
        "FAILED field \"name\" at byte 10: a number where a string is due");
  CHECK(read(R"({"counts":{"findingTypeCounts":[],})") ==
        "FAILED field \"counts\" at byte 34: not JSON: syntax error");
  CHECK(read("[]") == "FAILED byte 0: an array where an object is due");
  CHECK(read("\"x\"") == "FAILED byte 2: a string where an object is due");
  CHECK(read("null") == "FAILED byte 0: null where an object is due");
  CHECK(read("17 ") == "FAILED byte 2: a number where an object is due");
  CHECK(read(R"({"counts":{"a\u001b[2J":}})") ==
        "FAILED field \"counts.a\\x1b[2J\" at byte 24: not JSON: syntax error");
}

TEST_CASE("image_reader: bodies that are no JSON") {
  CHECK(read("") == "FAILED byte 0: the answer is empty");
  CHECK(read(" \n ") == "FAILED byte 3: the answer is empty");
  CHECK(read("<html><body>502</body></html>") ==
        "FAILED byte 0: the answer is HTML or XML, not JSON");
  CHECK(read("\r\n <!DOCTYPE html>") == "FAILED byte 3: the answer is HTML or XML, not JSON");
  CHECK(read("\xef\xbb\xbf{}") == "FAILED field \"id\" is absent");
  CHECK(read("upstream error") == "FAILED byte 0: the answer is not JSON");
  CHECK(read(std::string(10, '\0')) == "FAILED byte 0: the answer is not JSON");
  CHECK(read("{<") == "FAILED byte 1: not JSON: syntax error");
  CHECK(read("{'id':1}") == "FAILED byte 1: not JSON: syntax error");
  CHECK(read("{\"id\":\"I\",}") == "FAILED byte 10: not JSON: syntax error");
  CHECK(read("{/**/}") == "FAILED byte 1: not JSON: syntax error");
  CHECK(read("{\"x\":\0}"sv) == "FAILED byte 5: not JSON: syntax error");
  CHECK(read("{\"x\":nul}").starts_with("FAILED byte "));
  CHECK(read("{\"x\":01}") == "FAILED byte 6: not JSON: syntax error");
  CHECK(read("{\"x\":NaN}") == "FAILED byte 5: not JSON: syntax error");
}

TEST_CASE("image_reader: nothing may follow the image") {
  const std::string body = "{" + std::string(required) + "}";
  const std::string at = "FAILED byte " + std::to_string(body.size());
  for (const auto tail : {"x"sv, "{}"sv, "]"sv, "\0"sv, ","sv}) {
    CAPTURE(tail);
    CHECK(read(body + std::string(tail)) == at + ": something follows the JSON");
    CHECK(binarly::test::read_text(std::array<std::string_view, 2>{body, tail}) ==
          at + ": something follows the JSON");
  }
  CHECK(read(body + " \n") == required_text);
}

TEST_CASE("image_reader: text that is not UTF-8, and broken escapes") {
  for (const auto bad :
       {"\x80"sv, "\xff"sv, "\xc0\xaf"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv, "\xe2\x82"sv,
        "\0"sv, "\n"sv, "\x1f"sv, "\\x"sv, "\\u12"sv, "\\u12g4"sv, "\\ud800"sv, "\\ud800x"sv,
        "\\ud800\\n"sv, "\\ud800\\u0041"sv, "\\udc00"sv}) {
    CAPTURE(bad);
    for (const auto before :
         {R"({"name":")"sv, R"({")"sv, R"({"unknown":")"sv, R"({"files":[{"metadata":{"x":")"sv}) {
      const std::string body = std::string(before) + "a" + std::string(bad) + R"("})";
      CHECK_FALSE(image_reader().write(body));
      CHECK(read(body).find(": not JSON: ") != std::string::npos);
      std::vector<std::string_view> bytes;
      for (const char& c : body)
        bytes.emplace_back(&c, 1);
      CHECK(binarly::test::read_text(bytes).find(": not JSON: ") != std::string::npos);
    }
  }
}

TEST_CASE("image_reader: nesting is bounded, also where nobody looks") {
  const auto nested = [](std::size_t levels) { return repeat("[", levels) + repeat("]", levels); };
  CHECK(read_with("\"x\":" + nested(31)) == required_text);
  CHECK(read_with("\"x\":" + nested(32)).ends_with(": nested deeper than 32 levels"));
  CHECK(read_with(R"("counts":{"findingTypeCounts":)" + nested(30) + "}") ==
        std::string(required_text) + "counts(types=" + nested(30) + " ) ");
  CHECK(read_with(R"("counts":{"findingTypeCounts":)" + nested(31) + "}")
            .starts_with("FAILED field \"counts.findingTypeCounts\" at byte "));
  for (const std::size_t levels : {10'000u, 1'000'000u}) {
    CHECK(read(R"({"x":)" + repeat("[", levels)) == "FAILED byte 36: nested deeper than 32 levels");
    CHECK(read(repeat(R"({"x":)", levels)).ends_with(": nested deeper than 32 levels"));
    CHECK(read(R"({"files":[{"metadata":)" + repeat(R"({"x":)", levels))
              .ends_with(": nested deeper than 32 levels"));
  }
}

TEST_CASE("image_reader: a string is 64 KiB long at most, wherever it stands") {
  for (const auto before : {R"({"name":)"sv, R"({"unknown":)"sv, R"({"unknown":[{"x":)"sv,
                            R"({"files":[{"metadata":{"x":)"sv, R"({"counts":{"x":)"sv}) {
    CAPTURE(before);
    for (const auto character : {"x"sv, "\\n"sv, "\\u0000"sv}) {
      const std::string start = std::string(before) + "\"";
      CHECK(image_reader().write(start + repeat(character, 65'536) + "\""));
      CHECK_FALSE(image_reader().write(start + repeat(character, 65'537) + "\""));
      const flood endless(start, repeat(character, 1000), 100'000'000);
      CHECK(endless.size < 8 * 65'536);
      CHECK(endless.reason.ends_with(": a string longer than 65536 bytes"));
    }
  }
  CHECK(flood(R"({"name":")", "xxxx", 100'000'000).reason.starts_with("field \"name\" at byte "));
}

TEST_CASE("image_reader: a key is 1 KiB long at most, wherever it stands") {
  for (const auto before :
       {R"({")"sv, R"({"unknown":{")"sv, R"({"files":[{"metadata":{")"sv, R"({"counts":{")"sv}) {
    CAPTURE(before);
    CHECK(image_reader().write(std::string(before) + repeat("x", 1024) + "\":1"));
    CHECK_FALSE(image_reader().write(std::string(before) + repeat("x", 1025) + "\":1"));
    const flood endless(before, "xyz", 100'000'000);
    CHECK(endless.size < 1100);
    CHECK(endless.reason.ends_with(": a key longer than 1024 bytes"));
  }
}

TEST_CASE("image_reader: numbers of any size are skipped or refused, never misread") {
  const std::string digits = repeat("1234567890", 100'000);
  for (const std::string& number :
       {std::string("1e400"), std::string("-1e400"), std::string("1e-400"),
        std::string("99999999999999999999"), digits, "0." + digits, "1e" + repeat("0", 100'000)}) {
    CHECK(read("{" + std::string(required) + ",\"x\":" + number + "}") == required_text);
    CHECK(read("{" + std::string(required) + ",\"counts\":{\"x\":" + number + "}}") ==
          std::string(required_text) + "counts() ");
    CHECK(read("{\"parent\":" + number + "}").ends_with("a number where a string is due"));
  }
  CHECK(read_with(R"("counts":{"a":-0,"b":-9223372036854775809})") ==
        std::string(required_text) + "counts(a=0 ) ");
  // An exponent that overflows is the parser's own limit.
  CHECK_FALSE(image_reader().write(R"({"x":1e)" + digits + "}"));
}

TEST_CASE("image_reader: what stands twice is refused") {
  CHECK(read(R"({"id":"a","id":"a"})") ==
        "FAILED field \"id\" at byte 13: stands here for the second time");
  CHECK(read_with(R"("i\u0064":"I")").ends_with(": stands here for the second time"));
  for (const auto member : {R"("id":"")"sv, R"("name":"")"sv, R"("version":"")"sv,
                            R"("createTime":"1970-01-01T00:00:00Z")"sv, R"("author":"")"sv}) {
    CAPTURE(member);
    CHECK(read_with(member).ends_with(": stands here for the second time"));
  }
  for (const auto member : {R"("parent":null)"sv, R"("isArchived":null)"sv, R"("files":[])"sv,
                            R"("scans":[])"sv, R"("latestScan":{})"sv, R"("counts":{})"sv}) {
    CAPTURE(member);
    const std::string once(member);
    CHECK(read_with(once).starts_with("id=I "));
    CHECK(read_with(once + "," + once).ends_with(": stands here for the second time"));
  }
  for (const auto object : {R"("files":[{"id":"","id":""}])"sv, R"("scans":[{"id":"","id":""}])"sv,
                            R"("latestScan":{"author":{"id":"","id":""}})"sv,
                            R"("latestScan":{"latestScanState":{"type":"","type":""}})"sv,
                            R"("counts":{"findingTypeCounts":[],"findingTypeCounts":[]})"sv,
                            R"("counts":{"x":1,"x":1})"sv}) {
    CAPTURE(object);
    CHECK(read_with(object).ends_with(": stands here for the second time"));
  }
  // The same key in two objects, and in what nobody reads, is no matter.
  CHECK(
      read_with(R"("files":[{"id":"1"},{"id":"2"}],"x":{"id":1,"id":2},"x":0)").starts_with("id="));
}

TEST_CASE("image_reader: 100,000 files and scans, and no more") {
  for (const auto name : {"files"sv, "scans"sv}) {
    const std::string start =
        "{" + std::string(required) + ",\"" + std::string(name) + "\":[" + repeat("{},", 99'999);
    CHECK(read(start + "{}]}").starts_with("id=I "));
    CHECK(read(start + "{},{}]}")
              .starts_with("FAILED field \"" + std::string(name) + "[100000]\" at byte "));
    CHECK(read(start + "{},{}]}").ends_with(": more than 100000 elements"));
  }
}

TEST_CASE("image_reader: 10,000 counts, and no more") {
  std::string start = "{" + std::string(required) + ",\"counts\":{\"x\":null";
  for (int i = 0; i < 10'000; ++i)
    start += ",\"" + std::to_string(i) + "\":1";
  CHECK(read(start + "}}").starts_with("id=I "));
  CHECK(read(start + ",\"y\":null}}").starts_with("id=I "));
  CHECK(read(start + ",\"y\":1}}").starts_with("FAILED field \"counts.y\" at byte "));
  CHECK(read(start + ",\"y\":1}}").ends_with(": more than 10000 counts"));
}

TEST_CASE("image_reader: 1 MiB of JSON text, and no more, however it is made up") {
  constexpr std::size_t limit = 1'048'576;
  const std::string before = "{" + std::string(required) + R"(,"counts":{"findingTypeCounts":[)";
  const auto outcome = [&](const std::string& elements) { return read(before + elements + "]}}"); };
  const std::string even = repeat("1,", limit / 2 - 2);
  CHECK(outcome(even + "22").find("22] ) ") != std::string::npos);
  CHECK(outcome(even + "222").ends_with("bytes"));
  CHECK(outcome("22" + repeat(" ", limit)).starts_with("id=I "));
  // A number has no other bound, nor has a row of brackets or words.
  CHECK(outcome(repeat("1", limit - 2)).starts_with("id=I "));
  CHECK(outcome(repeat("1", limit - 1)).ends_with(": more than 1048576 bytes"));
  const std::string string = "\"" + repeat("\\u0001", 60'000) + "\"";
  CHECK(outcome(string + "," + string).starts_with("id=I "));
  CHECK(outcome(string + "," + string + "," + string).ends_with(": more than 1048576 bytes"));
  for (const auto piece :
       {"11"sv, "[],"sv, "{},"sv, "true,"sv, "null,"sv, "\"x\","sv, "{\"key\":1},"sv}) {
    CAPTURE(piece);
    const flood endless(before, repeat(piece, 100), 100'000'000);
    CHECK(endless.size < limit + 2000);
    CHECK(endless.reason.starts_with("field \"counts.findingTypeCounts\" at byte "));
    CHECK(endless.reason.ends_with(": more than 1048576 bytes"));
  }
}

TEST_CASE("image_reader: once it has failed, it takes no more") {
  image_reader reader;
  CHECK(reader.write("{"));
  CHECK_FALSE(reader.write("x"));
  CHECK_FALSE(reader.write("\"id\":\"I\"}"));
  CHECK_FALSE(reader.write(""));
  CHECK(reader.finish().error().detail().reason == "byte 1: not JSON: syntax error");
}

}  // namespace
