// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/manifest.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace binarly::tools {

namespace {

std::vector<manifest_row> read(const std::string& text) {
  std::istringstream in(text);
  manifest_reader reader(in);
  std::vector<manifest_row> rows;
  while (auto row = reader.next())
    rows.push_back(std::move(*row));
  return rows;
}

/// What becomes of it: "ok", or the first error's text.
std::string outcome(const std::string& text) {
  try {
    for (const auto& row : read(text)) {
      if (!row.trouble.empty()) return row.trouble;
    }
    return "ok";
  } catch (const manifest_error& error) {
    CHECK(std::string(error.what()).starts_with(to_string(error.place())));
    return error.what();
  }
}

void check_fails(const std::string& text, const std::string& start) {
  CAPTURE(text.substr(0, 200));
  CHECK(outcome(text).substr(0, start.size()) == start);
}

const std::string header = "product_id,image_id,name,version\n";

}  // namespace

TEST_CASE("a CSV manifest with all columns") {
  const auto rows = read(header + "p,i,Firmware,1.2\nq,j,,\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row == 1);
  CHECK(rows[0].product_id == "p");
  CHECK(rows[0].image_id == "i");
  CHECK(rows[0].name == "Firmware");
  CHECK(rows[0].version == "1.2");
  CHECK(rows[1].row == 2);
  CHECK_FALSE(rows[1].name.has_value());
  CHECK_FALSE(rows[1].version.has_value());
}

TEST_CASE("CSV columns come in any order, and the optional ones may be absent") {
  const auto rows = read("version,image_id,product_id\n1,i,p");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].product_id == "p");
  CHECK(rows[0].image_id == "i");
  CHECK(rows[0].version == "1");
  CHECK_FALSE(rows[0].name.has_value());
  CHECK(rows[0].image_id_at.column == 3);
  CHECK(rows[0].product_id_at.column == 5);
}

TEST_CASE("CSV quoting: commas, quotes, line ends, and the empty value") {
  const auto rows = read(header + "p,i,\"a, \"\"b\"\"\r\nc\",\"\"\r\n\"p2\",\"i2\",x,y\r\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].name == "a, \"b\"\r\nc");
  CHECK(rows[0].version == "");
  CHECK(rows[1].product_id == "p2");
  CHECK(rows[1].version == "y");
  CHECK(rows[1].row == 2);
  CHECK(rows[1].product_id_at.line == 4);
}

TEST_CASE("byte order mark, blank lines, CR LF and a missing last line end are no errors") {
  const auto rows = read("\xef\xbb\xbf\r\n  \t\nproduct_id,image_id\r\n\r\np,i\r\n   \r\nq,j");
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].product_id == "q");
  CHECK(rows[1].row == 2);
  CHECK(rows[1].image_id_at.line == 7);
  CHECK(rows[1].image_id_at.column == 3);
}

TEST_CASE("a quoted cell may begin with a line end") {
  const auto rows = read(header + "p,i,\"\nx\",1\n");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "\nx");
}

TEST_CASE("JSON Lines with the same keys") {
  const auto rows = read(
      "\n {\"product_id\": \"p\", \"image_id\":\"i\", \"name\": \"\", \"version\": null}\r\n\n"
      "{\"version\":\"1\\u00e9\\\"\",\"image_id\":\"j\",\"product_id\":\"q\"}");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row == 1);
  CHECK(rows[0].name == "");
  CHECK_FALSE(rows[0].version.has_value());
  CHECK(rows[0].product_id_at.line == 2);
  CHECK(rows[0].product_id_at.column == 3);
  CHECK(rows[1].row == 2);
  CHECK(rows[1].product_id == "q");
  CHECK(rows[1].version == "1\u00e9\"");
  CHECK_FALSE(rows[1].name.has_value());
}

TEST_CASE("the column of a JSON id is that of its key, whatever other strings hold") {
  const auto rows = read(R"({"name":"\"image_id\":","version":"image_id","image_id" : "i",)"
                         R"("product_id":"p"})");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].image_id_at.column == 46);
  const auto escaped = read(R"({"\u0069mage_id":"i","product_id":"p"})");
  REQUIRE(escaped.size() == 1);
  CHECK(escaped[0].image_id_at.column == 1);
}

TEST_CASE("a manifest without uploads is an error") {
  check_fails("", "line 1, column 1: the manifest is empty");
  check_fails("\n\n", "line 3, column 1: the manifest is empty");
  check_fails("product_id,image_id\n", "line 2, column 1: the manifest ends after its header");
}

TEST_CASE("CSV headers that cannot be used") {
  check_fails("product_id\np", "line 1, column 1: no column image_id");
  check_fails("product_id,name\n", "line 1, column 1: no column image_id");
  check_fails("product_id,image_id,colour\n", "line 1, column 21: unknown column \"colour\"");
  check_fails("product_id,image_id,colour,size,colour\n",
              "line 1, column 21: unknown columns \"colour\", \"size\"; the header names");
  check_fails("product_id,image_id,id\n", "line 1, column 21: unknown column \"id\"");
  check_fails("product_id,image_id,parent\n", "line 1, column 21: unknown column \"parent\"");
  check_fails("id,ID\n", "line 1, column 4: the column id is named twice");
  check_fails("product_id|image_id\n", "line 1, column 1: unknown column \"product_id|image_id\"");
  check_fails("row,product_id,image_id,verdict\n", "line 1, column 1: these are results");
  check_fails("product_id,image_id,name,name\n",
              "line 1, column 26: the column name is named twice");
  check_fails("product_id,image_id,name,version,x,\n", "line 1, column 34: unknown column \"x\"");
  check_fails("product_id,image_id,name,version,author,sha256,sha1,md5,file,x,y\n",
              "line 1, column 62: unknown columns \"x\", \"y\"; ");
  check_fails("\x1b[31m\n", "line 1, column 1: unknown column \"\\x1b[31m\"");
}

TEST_CASE("CSV rows that cannot be read") {
  check_fails(header + "p,i,n\n", "line 2, column 6: the row has 3 of the header's 4 cells");
  check_fails(header + "p,i,n,v,\n", "line 2, column 9: more cells than the header's 4");
  check_fails(header + "p,i,n,v\np,i,\"n\nv\n\n", "line 3, column 5: the quote that opens here is");
  check_fails(header + "p,i,\"n\"m,v\n", "line 2, column 8: text after a closing quote");
  check_fails(header + "p,i,n\"m,v\n", "line 2, column 6: a quote inside an unquoted cell");
  check_fails(header + "p,i,n\rm,v\n", "line 2, column 6: a carriage return without");
}

TEST_CASE("JSON rows that cannot be read") {
  const std::string good = R"({"product_id":"p","image_id":"i"})";
  check_fails(R"({"product_id":"p"})", "line 1, column 1: image_id is missing");
  check_fails(good + "\n[1]", "line 2, column 1: a row is a JSON object");
  check_fails(good + "\n\"x\"", "line 2, column 3: a row is a JSON object");
  check_fails(good + "\nx", "line 2, column 1: not a JSON object");
  check_fails(good + "\n" + good + good, "line 2, column 34: text after the JSON object");
  check_fails(R"({"product_id":1})", "line 1, column 16: product_id must be a string");
  check_fails(R"({"product_id":null})", "line 1, column 15: product_id must be a string");
  check_fails(R"({"name":{"a":1}})", "line 1, column 9: name must be a string");
  check_fails(R"({"name":["a"]})", "line 1, column 9: name must be a string");
  check_fails(R"({"name":true})", "line 1, column 9: name must be a string");
  check_fails(R"({"size":"1"})", "line 1, column 2: unknown key \"size\"");
  check_fails(R"({"name":"a","name":"b"})", "line 1, column 18: name is given twice");
  check_fails(R"({"name":null,"name":"b"})", "line 1, column 19: name is given twice");
  check_fails(R"({"name":"a)", "line 1, column 11: not a JSON object: incomplete JSON");
  check_fails(R"({"name":"\u0000"})", "line 1, column 16: name holds a NUL");
  check_fails(std::string(10'000, '['), "line 1, column 2: the JSON value that begins here has no");
  check_fails("{\"name\":" + std::string(10'000, '['), "line 1, column 9: name must be a string");
}

TEST_CASE("all columns, in CSV and in JSON") {
  const std::string sha256(64, 'a');
  const std::string sha1(40, 'B');
  const std::string md5(32, '0');
  const auto csv = read(
      "file,md5,sha1,sha256,author,version,name,image_id,product_id\n"
      "a file," +
      md5 + "," + sha1 + "," + sha256 + ",who,v,n,i,p\n");
  const auto json =
      read(R"({"product_id":"p","image_id":"i","name":"n","version":"v",)"
           R"("author":"who","sha256":")" +
           sha256 + R"(","sha1":")" + sha1 + R"(","md5":")" + md5 + R"(","file":"a file"})");
  for (const auto& rows : {csv, json}) {
    REQUIRE(rows.size() == 1);
    const auto& row = rows[0];
    CHECK(row.trouble.empty());
    CHECK(row.product_id == "p");
    CHECK(row.image_id == "i");
    CHECK(row.name == "n");
    CHECK(row.version == "v");
    CHECK(row.author == "who");
    CHECK(row.sha256 == sha256);
    CHECK(row.sha1 == sha1);
    CHECK(row.md5 == md5);
    CHECK(row.file == "a file");
  }
  CHECK(csv[0].file_at.line == 2);
  CHECK(csv[0].file_at.column == 1);
}

TEST_CASE("checksums and files that cannot be") {
  const std::string columns = "product_id,image_id,sha256,sha1,md5,file\n";
  check_fails(columns + "p,i," + std::string(63, 'a') + ",,,\n",
              "line 2, column 5: sha256 is not 64 hexadecimal digits");
  check_fails(columns + "p,i,," + std::string(40, 'g') + ",,\n",
              "line 2, column 6: sha1 is not 40 hexadecimal digits");
  check_fails(columns + "p,i,,,\"\",\n", "line 2, column 7: md5 is not 32 hexadecimal digits");
  check_fails(columns + "p,i,,,,\"\"\n", "line 2, column 8: file is empty");
  check_fails(R"({"product_id":"p","image_id":"i","md5":"x"})",
              "line 1, column 34: md5 is not 32 hexadecimal digits");
}

TEST_CASE("after a bad row, reading goes on with the next line, whatever the bad one swallowed") {
  const std::string columns = "product_id,image_id,name\n";
  const std::string good = "p,i,n\n";
  for (const std::string bad :
       {"p\n", "p,i,n,x\n", "p,i,\"n\n", "p,i,\"n\"x\n", "p,\xff,n\n", "\xff\"\n"}) {
    CAPTURE(bad);
    const auto rows = read(columns + good + bad + good + good);
    REQUIRE(rows.size() == 4);
    for (std::size_t at = 0; at < 4; ++at) {
      CHECK(rows[at].row == at + 1);
      CHECK(rows[at].trouble.empty() == (at != 1));
      if (at != 1) CHECK(rows[at].product_id_at.line == at + 2);
    }
    CHECK(rows[1].trouble.starts_with("line 3, column"));
  }
  const auto json = read(
      "{\"product_id\":\"p\",\"image_id\":\"i\"}\nx\n{\"product_id\":\"q\",\"image_id\":\"j\"}");
  REQUIRE(json.size() == 3);
  CHECK(json[1].trouble.starts_with("line 2, column 1"));
  CHECK(json[2].product_id == "q");
}

TEST_CASE("a bad line within a quote that never closes is a bad row of its own") {
  const std::string columns = "product_id,image_id,name\n";
  const std::string too_long(line_reader::max_line + 5, 'x');
  for (const std::string& bad : {std::string("p,\xff,n"), too_long}) {
    const auto rows = read(columns + "p,i,\"n\np,i,n\n" + bad + "\np,i,n\n");
    REQUIRE(rows.size() == 4);
    CHECK(!rows[0].trouble.empty());
    CHECK(rows[1].trouble.empty());
    CHECK(rows[2].trouble.starts_with("line 4, column"));
    CHECK(rows[3].trouble.empty());
    CHECK(rows[3].image_id_at.line == 5);
  }
}

TEST_CASE("a row's digest is that of its text and its header, but for the ends of lines") {
  const auto digest = [](const std::string& text, std::size_t row = 0) {
    return read(text).at(row).digest;
  };
  const std::string columns = "product_id,image_id,name\n";
  const auto usual = digest(columns + "p,i,n\n");
  CHECK(digest("product_id,image_id,name\r\np,i,n\r\n") == usual);
  CHECK(digest(columns + "\n\np,i,n") == usual);
  CHECK(digest(columns + "p,i,m\np,i,n", 1) == usual);
  CHECK(digest(columns + "p,i,\"n\"\n") != usual);
  CHECK(digest("product_id,image_id,version\np,i,n\n") != usual);
  CHECK(digest("image_id,product_id,name\np,i,n\n") != usual);
  CHECK(digest(columns + "p,i,\"n\np,i,n\n", 1) == usual);
  // What was written must be found again by later versions.
  CHECK(usual == 5917111264788767163U);
}

TEST_CASE("text that is no text") {
  check_fails("\xffp", "line 1, column 1: not UTF-8");
  check_fails(header + "p,\xe9,,\n", "line 2, column 3: not UTF-8");
  check_fails(header + std::string("p,i\0,,\n", 7), "line 2, column 4: a NUL byte");
  check_fails(std::string("{\"product_id\":\"\xed\xa0\x80\"}"), "line 1, column 16: not UTF-8");
}

TEST_CASE("lines and fields are bounded") {
  const std::string most(manifest_reader::max_field, 'x');
  CHECK(outcome(header + "p,i," + most + ",\n") == "ok");
  check_fails(header + "p,i," + most + "x,\n", "line 2, column 5: the cell is longer than 64 KiB");
  CHECK(outcome(header + "p,i,\"" + most + "\",\n") == "ok");
  check_fails(header + "p,i,\"" + most + "x\",\n",
              "line 2, column 5: the cell is longer than 64 KiB");
  check_fails(header + "p,i,\"" + std::string(70'000, '\n'),
              "line 2, column 5: the cell is longer than 64 KiB");
  const std::string object = R"({"product_id":"p","image_id":"i","name":")";
  CHECK(outcome(object + most + "\"}") == "ok");
  CHECK(outcome(object + most + "x\"}").ends_with("the value is longer than 64 KiB"));
  check_fails(header + std::string(line_reader::max_line + 1, 'x'),
              "line 2, column 1048577: the line is longer than 1 MiB");
  check_fails(
      std::string(line_reader::max_line, '\n') + std::string(line_reader::max_line, ' ') + "\n",
      "line 1048577, column 1048577: the line is longer than 1 MiB");
}

TEST_CASE("rows are had one at a time, without reading ahead") {
  std::stringstream in;
  in << header << "p,i,n,v\n";
  manifest_reader reader(in);
  REQUIRE(reader.next().has_value());
  in << "q,j,n,v\n";
  const auto second = reader.next();
  REQUIRE(second.has_value());
  CHECK(second->product_id == "q");
}

TEST_CASE("a CSV cell written is the cell read") {
  for (const std::string text : {"", "plain", "a,b", "a\"b\"", "a\r\nb", "\"", " x "}) {
    CAPTURE(text);
    const auto rows = read("product_id,image_id,name\np,i," + csv_cell(text) + "\n");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].name == text);
  }
  CHECK(csv_cell("plain") == "plain");
  CHECK(csv_cell("") == "\"\"");
}

}  // namespace binarly::tools
