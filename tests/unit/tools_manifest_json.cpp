// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// JSON that is not one object to a line, and keys that are no manifest's.

#include "support/manifest_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <string>

namespace binarly::tools {

namespace {

const std::string one = R"({"product_id":"p","image_id":"i"})";
const std::string two = R"({"product_id":"q","image_id":"j","version":"1"})";

void check_begins(const std::string& text, const std::string& start) {
  CHECK(text.substr(0, start.size()) == start);
}

/// Hands out its text by so many bytes at a time.
class in_pieces : public std::streambuf {
 public:
  in_pieces(std::string text, std::size_t size) : text_(std::move(text)), size_(size) {}

 protected:
  int_type underflow() override {
    if (at_ == text_.size()) return traits_type::eof();
    const auto count = std::min(size_, text_.size() - at_);
    setg(text_.data() + at_, text_.data() + at_, text_.data() + at_ + count);
    at_ += count;
    return traits_type::to_int_type(*gptr());
  }

 private:
  std::string text_;
  std::size_t size_;
  std::size_t at_ = 0;
};

/// An array of so many elements on one line, made as it is read.
class endless : public std::streambuf {
 public:
  explicit endless(int elements) : left_(elements) {}

 protected:
  int_type underflow() override {
    if (left_ < 0) return traits_type::eof();
    chunk_ = first_ ? "[" : "";
    if (left_ != 0 && !first_) chunk_ += ",";
    chunk_ += left_ != 0 ? one : "]";
    first_ = false;
    --left_;
    setg(chunk_.data(), chunk_.data(), chunk_.data() + chunk_.size());
    return traits_type::to_int_type(*gptr());
  }

 private:
  int left_;
  bool first_ = true;
  std::string chunk_;
};

}  // namespace

TEST_CASE("an array of objects") {
  const std::string expected = "1 p/i; 2 q/j 1";
  CHECK(shown("[" + one + "," + two + "]") == expected);
  CHECK(shown("\xef\xbb\xbf\r\n [\n  " + one + " ,\n\t" + two + "\n]\n\n") == expected);
  CHECK(shown("[\n{\n  \"product_id\": \"p\",\n  \"image_id\": \"i\"\n},\n" + two + "]") ==
        expected);
  CHECK(shown("[" + one + "]\n[" + two + "]") == expected);
  CHECK(shown("[" + one + R"(,{"product_id":"p]","image_id":"\"}\\"}])") == "1 p/i; 2 p]/\"}\\");
  // A row is the same one, wherever its object stands.
  CHECK(rows_of("[" + one + "]")[0].digest == rows_of(one + "\n")[0].digest);
}

TEST_CASE("an array is the same, however the text comes") {
  const std::string text = "\xef\xbb\xbf[\n  " + one + ",\n  {\"product_id\":\"q\", \"image_id\":" +
                           "\"\\u00e9\u20ac\U0001f600\"}\n]\n";
  for (std::size_t size = 1; size < 12; ++size) {
    in_pieces buffer(text, size);
    std::istream in(&buffer);
    manifest_reader reader(in);
    CHECK(reader.next()->image_id == "i");
    const auto second = reader.next();
    CHECK(second->image_id == "\u00e9\u20ac\U0001f600");
    CHECK(second->image_id_at.line == 3);
    CHECK(second->image_id_at.column == 22);
    CHECK_FALSE(reader.next().has_value());
  }
}

TEST_CASE("places in an array are those in its text") {
  const auto rows = rows_of("[ " + one + ", " + two +
                            ",\n {\"image_id\":\"k\",\n  \"product_id\" : " + "\"r\"}]");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].product_id_at.column == 4);
  CHECK(rows[0].image_id_at.column == 21);
  CHECK(rows[1].product_id_at.column == 39);
  CHECK(rows[2].image_id_at.line == 2);
  CHECK(rows[2].image_id_at.column == 3);
  CHECK(rows[2].product_id_at.line == 3);
  CHECK(rows[2].product_id_at.column == 3);
}

TEST_CASE("a bad element is a bad row, and the others do not suffer") {
  check_begins(
      shown("[" + one + ",{\"image_id\":1},\n 7,\"x\",[],{\"image_id\":\"i\",},null," + two + "]"),
      "1 p/i; 2 line 1, column 49: image_id must be a string; 3 line 2, column 3: a row");
  CHECK(shown("[7," + two + "]").ends_with("; 2 q/j 1"));
  CHECK(shown("[{\"product_id\":\"p\",\"image_id\":\"\xff\"}," + two + "]").ends_with("; 2 q/j 1"));
  check_begins(shown("[{\"image_id\":\"i\nj\"}]"), "1 line 1, column 16: not a JSON object");
}

TEST_CASE("an array that breaks off, or is none, ends the manifest there") {
  check_begins(shown("[" + one), "1 p/i; end: line 1, column 35: the JSON text ends where the arr");
  check_begins(shown("[" + one + ","),
               "1 p/i; end: line 1, column 36: the JSON text ends where an");
  check_begins(shown("[" + one + ",\n{\"image_id\":\"i"),
               "1 p/i; end: line 2, column 1: the JSON value that begins here has no end");
  check_begins(shown("[" + one + two + "]"), "1 p/i; end: line 1, column 35: a comma or the array");
  check_begins(shown("[" + one + ",]"),
               "1 p/i; end: line 1, column 36: an element of the array is");
  check_begins(shown("[" + one + "]x"), "1 p/i; end: line 1, column 36: a JSON array or object is");
  check_begins(shown("[]"), "end: line 1, column 1: the manifest has no uploads");
  check_begins(shown("["), "end: line 1, column 2: the JSON text ends where an element");
  check_begins(shown("[\"" + std::string(2'000'000, 'x')),
               "end: line 1, column 2: the JSON value that begins here is longer than 1 MiB");
}

TEST_CASE("an array of any length is read by its elements, though it be one line") {
  constexpr int many = 100'000;
  endless buffer(many);
  std::istream in(&buffer);
  manifest_reader reader(in);
  int rows = 0;
  while (const auto row = reader.next()) {
    ++rows;
    if (row->image_id != "i" || !row->trouble.empty()) break;
  }
  CHECK(rows == many);
}

TEST_CASE("what list-images prints") {
  const std::string images =
      R"([{"id":"i","name":"Firmware","version":"1.2.0","createTime":"2024-01-20T10:00:00Z",)"
      R"("parent":"products/p"},{"id":"j","name":"","version":"","createTime":null,"parent":"q"}])";
  const std::string expected = "1 p/i 1.2.0; 2 q/j ";
  CHECK(shown(R"({"status":"ok","payload":)" + images + "}\n") == expected);
  CHECK(shown("{\n  \"status\": \"ok\",\n  \"payload\": " + images + "\n}\n") == expected);
  CHECK(shown(R"({"payload":)" + images + R"(,"status":"ok","took":[1,{"x":"}"}]})") == expected);
  CHECK(shown(images) == expected);
  CHECK(
      shown(R"({"status":"ok","payload":{"image_id":"i","name":"n","version":"1","scan_id":"s"}})",
            {false, "p"}) == "1 p/i 1");
  check_begins(shown(R"({"status":"error","payload":null})"),
               "end: line 1, column 11: this is an answer whose status is \"error\", and no list");
  check_begins(shown(R"({"status":"ok","payload":[]})"), "end: line 1, column 1: the manifest has");
  check_begins(shown(R"({"status":"ok","payload":null})"),
               "end: line 1, column 1: the manifest has");
  check_begins(shown(R"({"status":"ok","payload":[{"id":"i","parent":"products/p"})"),
               "1 p/i; end: line 1, column 59: the JSON text ends where the array's end is due");
  check_begins(shown(R"({"status" "ok"})"), "end: line 1, column 11: a colon is due here");
}

TEST_CASE("objects over several lines") {
  CHECK(shown("{\n  \"product_id\": \"p\",\n  \"image_id\": \"i\"\n}\n{\n}\n" + two + "\n") ==
        "1 p/i; 2 line 5, column 1: image_id is missing in this row; 3 q/j 1");
  check_begins(shown("{\n"), "end: line 1, column 1: the JSON value that begins here has no end");
}

TEST_CASE("JSON Lines with the platform's names and keys") {
  CHECK(shown(R"({"id":"i","parent":"products/p","version":null,"createTime":"x"})") == "1 p/i");
  CHECK(shown(R"({"image_id":"i","name":"n","version":"1","scan_id":"s"})", {false, "p"}) ==
        "1 p/i 1");
  CHECK(shown(R"({"id":"i","parent":null})", {false, "p"}) == "1 p/i");
  check_begins(shown(R"({"id":7,"parent":"products/p"})"),
               "1 line 1, column 2: id must be a string");
  check_begins(shown(R"({"id":null})"), "1 line 1, column 1: image_id is missing");
  check_begins(shown(R"({"id":"i","image_id":"j","product_id":"p"})"),
               "1 line 1, column 2: unknown key \"id\"");
  CHECK(shown(R"({"id":7,"parent":{},"image_id":"j","product_id":"p"})", {true, ""}) == "1 p/j");
}

TEST_CASE("further keys are refused in one message, or passed over and named") {
  const std::string row =
      R"({"size":1,"image_id":"i","by":{"name":"x","image_id":["y",null]},"product_id":"p"})";
  check_begins(shown(row), "1 line 1, column 2: unknown keys \"size\", \"by\"; the keys are");
  std::istringstream in(row + "\n" + R"({"at":[],"by":null,"image_id":"j","product_id":"q"})");
  manifest_reader reader(in, {true, ""});
  CHECK(reader.next()->image_id == "i");
  const auto second = reader.next();
  CHECK(second->trouble == "");
  CHECK(second->product_id == "q");
  CHECK(reader.ignored().text() == "\"size\", \"by\", \"at\"");
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  check_begins(shown(R"({"x":)" + deep + "}", {true, ""}), "1 line 1, column 3");
}

}  // namespace binarly::tools
