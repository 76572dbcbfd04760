// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/manifest_rows.hpp"
#include "tools/other_file.hpp"

#include <doctest/doctest.h>

#include <string>

namespace binarly::tools {

using namespace std::string_literals;

TEST_CASE("other files: what is no manifest says what it is") {
  struct row {
    std::string start;
    std::string text;
  };
  const row rows[] = {
      {"PK\x03\x04\x14\0\x06\0"s, "a ZIP archive, such as an XLSX workbook; save the sheet as CSV"},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s, "a workbook or document of an old office program"},
      {"\x1f\x8b\x08\0"s, "compressed with gzip; unpack it, or give"},
      {"\x28\xb5\x2f\xfd"s, "compressed with zstd"},
      {"\xfd\x37zXZ\0"s, "compressed with xz"},
      {"BZh91AY"s, "compressed with bzip2"},
      {"%PDF-1.7\n"s, "a PDF document"},
      {"\xff\xfep\0r\0"s,
       "UTF-16 text; save it as CSV (UTF-8), or convert it with iconv -f UTF-16"},
      {"\xfe\xff\0p\0r"s, "UTF-16 text"},
      {"\xff\xfe\0\0p\0\0\0"s, "UTF-32 text"},
      {"p\0r\0o\0d\0"s, "UTF-16 text; convert it with iconv -f UTF-16LE"},
      {"\0p\0r\0o\0d"s, "UTF-16 text; convert it with iconv -f UTF-16BE"},
      {"<!DOCTYPE html>\n<html>"s, "a web page"},
      {"\n <HTML lang=en>"s, "a web page"},
      {"<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">"s,
       "a CycloneDX report"},
      {"<?xml version=\"1.0\"?><a/>"s, "an XML document"},
      {R"({"row":1,"digest":"0","product_id":"p","verdict":"verified"})"s, "results that verify"},
      {R"({"total":1,"verdicts":{"verified":1},"problems":[]})"s, "a summary that --format json"},
      {"{\n \"$schema\": \"x\",\n \"bomFormat\": \"CycloneDX\",\n \"components\": [{\"a"s,
       "a CycloneDX report; the manifest names uploads"},
      {R"({"SPDXID":"SPDXRef-DOCUMENT","spdxVersion":"SPDX-2.3","packages":[)"s, "an SPDX report"},
      {R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{)"s,
       "an SPDX report"},
      {R"([{"row":1,"verdict":"missing"}])"s, "results that verify"},
  };
  for (const auto& [start, text] : rows) {
    CAPTURE(text);
    const auto got = what_else(start);
    CAPTURE(got);
    CHECK(got.starts_with(text));
    CHECK(shown(start) == "end: line 1, column 1: this is no manifest: it is " + got);
  }
}

TEST_CASE("other files: what may be a manifest is none of them") {
  for (const std::string start :
       {"", "product_id,image_id\n", "PK", "[", "{}", "\xef\xbb\xbfproduct_id;image_id",
        R"({"product_id":"p","image_id":"bomFormat","name":"\"bomFormat\":"})",
        R"({"image_id":"i","more":{"bomFormat":"x","row":1,"verdict":"x"}})",
        R"({"image_id":"i"}{"bomFormat":1})", R"([{"image_id":"i"},{"bomFormat":1}])",
        R"({"status":"ok","payload":[{"row":1,"verdict":"x"}]})"}) {
    CAPTURE(start);
    CHECK(what_else(start) == "");
  }
}

}  // namespace binarly::tools
