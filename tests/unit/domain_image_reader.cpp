// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_reader.hpp"
#include "domain_image_text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::string_view_literals;
using binarly::image;
using binarly::scan_progress;
using binarly::domain::image_reader;

constexpr std::string_view sample =
    R"({"id": "01JYJ0W0AACGC7QT1Q21SRWG94", "name": "Firmware v1.2", "version": "1.2.0",
 "createTime": "2024-01-20T10:00:00Z", "author": "user@example.com",
 "parent": "products/01JQPGDX8QW0YJ0XEKV1EVG534"})";

constexpr std::string_view sample_text =
    "id=01JYJ0W0AACGC7QT1Q21SRWG94 name=Firmware v1.2 version=1.2.0 "
    "time=2024-01-20T10:00:00Z/1705744800000000000 author(text=user@example.com ) "
    "parent=products/01JQPGDX8QW0YJ0XEKV1EVG534 ";

/// Every field, unknown ones between them, escapes in strings and keys, and both forms of author.
constexpr std::string_view full = R"( {
  "x-one" : {"id": [1, {"id": null}], "\u0041": "\ud83d\ude00"}, "id" : "I\u0041\ud83d\ude00\n",
  "n\u0061me": "", "version":"gr\u00fc\u00df €😀", "createTime":"2024-01-20T10:00:00.5+02:00",
  "author": {"userId": "u", "id": "a", "email": "e", "createTime": "1970-01-01T00:00:01Z",
             "status": "active", "resourceType": "user", "x": [[]]},
  "parent": "products/P", "isArchived": false, "x-two": -1.5e+300,
  "files": [
    {"id": "f1", "createTime": "1970-01-01T00:00:02Z", "author": {"email": "fe"},
     "filename": "b.bin", "isAttachment": true, "downloadUrl": "https://x/", "parent": "p1",
     "metadata": { "a" : [ 1 , -2.50 , 1e5, true , false, null, { }, [ ], "q\"\\\u0000\u000f\u0010\u001f\n\t\b\f\r/" ],
                   "b\u0022": { "c" : 12345678901234567890123 } } },
    {}, {"author": "plain", "id": "f3", "x": {"files": [{}]}}
  ],
  "scans": [
    {"id": "s1", "createTime": "1970-01-01T00:00:03Z", "author": "sa", "parent": "p2",
     "latestScanState": {"id": "t", "type": "in_progress", "createTime": "1970-01-01T00:00:04Z",
                         "x": 1}, "x": "y"},
    {"latestScanState": {}}
  ],
  "latestScan": {"id": "s2", "latestScanState": {"type": "status_unavailable"}},
  "counts": {"findings": 12, "min": -9223372036854775808, "max": 9223372036854775807,
             "ratio": 0.5, "huge": 9223372036854775808, "text": "1", "flag": true, "none": null,
             "sub": {"findings": 1}, "list": [1],
             "findingTypeCounts": [ {"type": "x", "count": 3}, [ ] ]},
  "x-three": true, "x-four": null
} )";

constexpr std::string_view full_text =
    "id=IA😀\n version=grüß €😀 time=2024-01-20T10:00:00.5+02:00/1705737600500000000 "
    "author(user=u id=a email=e time=1970-01-01T00:00:01Z/1000000000 status=active type=user ) "
    "parent=products/P archived=no "
    "file(id=f1 time=1970-01-01T00:00:02Z/2000000000 author(email=fe ) filename=b.bin "
    "attachment=yes url=https://x/ parent=p1 "
    R"(metadata={"a":[1,-2.50,1e5,true,false,null,{},[],"q\"\\\u0000\u000f\u0010\u001f\n\t\b\f\r/"],)"
    R"("b\"":{"c":12345678901234567890123}} ) )"
    "file(author() ) file(id=f3 author(text=plain ) ) "
    "scan(id=s1 time=1970-01-01T00:00:03Z/3000000000 author(text=sa ) parent=p2 "
    "state(id=t type=in_progress progress=2 time=1970-01-01T00:00:04Z/4000000000 ) ) "
    "scan(author() state(progress=0 ) ) "
    "latest(id=s2 author() state(type=status_unavailable progress=7 ) ) "
    "counts(findings=12 max=9223372036854775807 min=-9223372036854775808 "
    R"(types=[{"type":"x","count":3},[]] ) )";

std::string read(std::string_view body) { return binarly::test::read_text(std::array{body}); }

TEST_CASE("image_reader: the documented sample") { CHECK(read(sample) == sample_text); }

TEST_CASE("image_reader: every field") { CHECK(read(full) == full_text); }

TEST_CASE("image_reader: however the body is cut, the image is the same") {
  for (const auto& [body, text] : {std::pair(sample, sample_text), std::pair(full, full_text)}) {
    for (std::size_t at = 0; at <= body.size(); ++at) {
      CAPTURE(at);
      CHECK(binarly::test::read_text(std::array{body.substr(0, at), body.substr(at)}) == text);
    }
    for (const std::size_t size : {1u, 2u, 3u, 7u}) {
      CAPTURE(size);
      std::vector<std::string_view> pieces{""};
      for (std::size_t at = 0; at < body.size(); at += size) {
        pieces.push_back(body.substr(at, size));
        pieces.emplace_back();
      }
      CHECK(binarly::test::read_text(pieces) == text);
    }
  }
}

TEST_CASE("image_reader: every truncation is a failure that names its byte") {
  for (const std::string_view whole : {sample, full}) {
    const std::string_view body = whole.substr(0, whole.rfind('}') + 1);
    for (std::size_t size = 0; size < body.size(); ++size) {
      CAPTURE(size);
      image_reader reader;
      CHECK(reader.write(body.substr(0, size)));
      const auto image = reader.finish();
      REQUIRE(image.has_error());
      CHECK(image.error().code() == binarly::errc::bad_response);
      CHECK(image.error().detail().step == binarly::phase::decode);
      const std::string& reason = image.error().detail().reason;
      CAPTURE(reason);
      CHECK(reason.find("byte " + std::to_string(size) + ": ") != std::string::npos);
      CHECK(reason.ends_with(body.substr(0, size).find('{') == std::string_view::npos
                                 ? "the answer is empty"
                                 : "the JSON ends in the middle"));
    }
  }
}

TEST_CASE("image_reader: strings may be empty, and white space may surround the JSON") {
  CHECK(read(" \r\n\t{\"id\":\"\",\"name\":\"\",\"version\":\"\","
             "\"createTime\":\"1970-01-01T00:00:00Z\",\"author\":\"\"}\n\n") ==
        "time=1970-01-01T00:00:00Z/0 author() ");
}

TEST_CASE("image_reader: a NUL that is written as an escape is a character like others") {
  const std::string body = R"({"id":"a\u0000b","name":"","version":"",)"
                           R"("createTime":"1970-01-01T00:00:00Z","author":""})";
  CHECK(read(body) == "id=a\0b time=1970-01-01T00:00:00Z/0 author() "sv);
}

TEST_CASE("image_reader: an image has an id; whatever else is absent or null is empty") {
  const std::array<std::string_view, 5> keys{"name", "version", "createTime", "author", "parent"};
  for (const auto absent : keys) {
    for (const bool null : {false, true}) {
      CAPTURE(absent);
      std::string body = R"({"id":"I")";
      std::string text = "id=I ";
      for (const auto key : keys) {
        const std::string value = key == "createTime" ? "1970-01-01T00:00:00Z" : "x";
        if (key != absent) {
          body += ",\"" + std::string(key) + "\":\"" + value + '"';
        } else if (null) {
          body += ",\"" + std::string(key) + "\":null";
        }
        const std::string shown = key == absent ? "" : value;
        if (key == "author") {
          text += shown.empty() ? "author() " : "author(text=x ) ";
        } else if (key == "createTime") {
          text += shown.empty() ? "" : "time=1970-01-01T00:00:00Z/0 ";
        } else {
          text += shown.empty() ? "" : std::string(key) + "=x ";
        }
      }
      CHECK(read(body + "}") == text);
    }
  }
  CHECK(read(R"({"id":"I"})") == "id=I author() ");
  CHECK(read("{}") == "FAILED field \"id\" is absent");
  CHECK(read(R"({"latestScan":{"id":"I"},"x":{"id":"I"}})") == "FAILED field \"id\" is absent");
  CHECK(read(R"({"id":null})") == "FAILED field \"id\" at byte 6: null where a string is due");
}

TEST_CASE("image_reader: what a service written in Go sends in place of empty things") {
  CHECK(read(R"({"id":"01JYJ0W0AACGC7QT1Q21SRWG94","name":"Firmware v1.2","version":null,)"
             R"("createTime":"2024-01-20T10:00:00Z","author":null,)"
             R"("parent":"products/01JQPGDX8QW0YJ0XEKV1EVG534","files":null,"scans":null})") ==
        "id=01JYJ0W0AACGC7QT1Q21SRWG94 name=Firmware v1.2 "
        "time=2024-01-20T10:00:00Z/1705744800000000000 author() "
        "parent=products/01JQPGDX8QW0YJ0XEKV1EVG534 ");
}

TEST_CASE("image_reader: a time that nanoseconds do not reach keeps its text") {
  CHECK(read(R"({"id":"01JYJ0W0AACGC7QT1Q21SRWG94","name":"Firmware v1.2","version":"1.2.0",)"
             R"("createTime":"2024-01-20T10:00:00Z","author":"user@example.com",)"
             R"("parent":"products/01JQPGDX8QW0YJ0XEKV1EVG534",)"
             R"("files":[{"id":"01JYJ0W0AACGC7QT1Q21SRWG95","createTime":"0001-01-01T00:00:00Z",)"
             R"("author":"user@example.com","filename":"a.bin","isAttachment":false,)"
             R"("downloadUrl":""}]})") ==
        std::string(sample_text) +
            "file(id=01JYJ0W0AACGC7QT1Q21SRWG95 time=0001-01-01T00:00:00Z/unknown "
            "author(text=user@example.com ) filename=a.bin ) ");
  CHECK(read(R"({"id":"I","createTime":"0001-01-01T00:00:00Z","author":{"createTime":)"
             R"("9999-12-31T23:59:59Z"},"scans":[{"createTime":"9999-12-31T23:59:59Z",)"
             R"("latestScanState":{"createTime":"0001-01-01T00:00:00Z"}}]})") ==
        "id=I time=0001-01-01T00:00:00Z/unknown author(time=9999-12-31T23:59:59Z/unknown ) "
        "scan(time=9999-12-31T23:59:59Z/unknown author() "
        "state(progress=0 time=0001-01-01T00:00:00Z/unknown ) ) ");
  // An empty text is no time, and no harm.
  CHECK(read(R"({"id":"I","createTime":"","files":[{"createTime":""}]})") ==
        "id=I author() file(author() ) ");
}

TEST_CASE("image_reader: a byte order mark before the JSON is passed over, in any pieces") {
  const std::string marked = "\xef\xbb\xbf" + std::string(sample);
  CHECK(read(marked) == sample_text);
  for (std::size_t at = 0; at <= 6; ++at) {
    for (std::size_t more = 0; more <= 3; ++more) {
      const std::string_view all = marked;
      CHECK(binarly::test::read_text(std::array{all.substr(0, at), ""sv, all.substr(at, more),
                                                all.substr(at + more)}) == sample_text);
    }
  }
  // Bytes are counted with it, and what only begins like one is none.
  CHECK(read("\xef\xbb\xbf") == "FAILED byte 3: the answer is empty");
  CHECK(read("\xef\xbb\xbf<html>") == "FAILED byte 3: the answer is HTML or XML, not JSON");
  CHECK(read("\xef\xbb\xbf{x") == "FAILED byte 4: not JSON: syntax error");
  for (const auto bad : {"\xef"sv, "\xef\xbb"sv, "\xef\xbb{}"sv, "\xef{}"sv, "\xbb\xbf{}"sv}) {
    CAPTURE(bad);
    CHECK(read(bad) == "FAILED byte 0: the answer is not JSON");
    CHECK(binarly::test::read_text(std::array{bad.substr(0, 1), bad.substr(1)}) ==
          "FAILED byte 0: the answer is not JSON");
  }
  CHECK(read("\xef\xbb\xbf\xef\xbb\xbf{}") == "FAILED byte 3: the answer is not JSON");
  CHECK(read(" \xef\xbb\xbf{}") == "FAILED byte 1: the answer is not JSON");
}

TEST_CASE("image_reader: a list of scans may be null, but must be there") {
  const auto list = [](std::string_view body) {
    auto reader = image_reader::of_scans();
    reader.write(body);
    const auto why = reader.end();
    return why ? "FAILED " + why->detail().reason : std::to_string(reader.scans().size());
  };
  CHECK(list(R"({"scans":[{"id":"s"},{}]})") == "2");
  CHECK(list(R"({"scans":[]})") == "0");
  CHECK(list(R"({"scans":null})") == "0");
  CHECK(list("\xef\xbb\xbf{\"scans\":null}") == "0");
  CHECK(list("{}") == "FAILED field \"scans\" is absent");
  CHECK(list("null") == "FAILED byte 0: null where an object is due");
  CHECK(list(R"({"scans":{}})") ==
        "FAILED field \"scans\" at byte 9: an object where an array is due");
}

TEST_CASE("image_reader: null is as good as absent for an optional field") {
  const std::string required = R"("id":"I","name":"N","version":"V",)"
                               R"("createTime":"1970-01-01T00:00:00Z","author":{)";
  CHECK(read("{" + required +
             R"("userId":null,"id":null,"email":null,"createTime":null,"status":null,)"
             R"("resourceType":null},"parent":null,"isArchived":null,"files":null,"scans":null,)"
             R"("latestScan":null,"counts":null})") ==
        "id=I name=N version=V time=1970-01-01T00:00:00Z/0 author() ");
  CHECK(read("{" + required +
             R"(},"files":[{"id":null,"createTime":null,"author":null,"filename":null,)"
             R"("isAttachment":null,"downloadUrl":null,"parent":null,"metadata":null}],)"
             R"("scans":[{"id":null,"createTime":null,"author":null,"parent":null,)"
             R"("latestScanState":null}],"latestScan":{"latestScanState":{"id":null,"type":null,)"
             R"("createTime":null}},"counts":{"findingTypeCounts":null}})") ==
        "id=I name=N version=V time=1970-01-01T00:00:00Z/0 author() file(author() ) "
        "scan(author() ) latest(author() state(progress=0 ) ) counts() ");
}

TEST_CASE("image_reader: the service's words for a scan's state") {
  const std::pair<std::string_view, scan_progress> words[] = {
      {"new", scan_progress::pending},
      {"running", scan_progress::running},
      {"in_progress", scan_progress::running},
      {"done", scan_progress::done},
      {"completed", scan_progress::done},
      {"failed", scan_progress::failed},
      {"cancelled", scan_progress::cancelled},
      {"no_scans", scan_progress::no_scans},
      {"status_unavailable", scan_progress::unavailable},
      {"exploded", scan_progress::unknown},
      {"Done", scan_progress::unknown},
      {"", scan_progress::unknown},
  };
  for (const auto& [word, progress] : words) {
    CAPTURE(word);
    image_reader reader;
    reader.write(sample.substr(0, sample.size() - 1));
    reader.write(R"(,"latestScan":{"latestScanState":{"type":")" + std::string(word) + R"("}}})");
    const auto image = reader.finish();
    REQUIRE(image.has_value());
    CHECK(image->latest_scan->latest_state->type == word);
    CHECK(image->latest_scan->latest_state->progress == progress);
  }
}

TEST_CASE("image_reader: can be moved in the middle of a body") {
  image_reader first;
  first.write(sample.substr(0, 100));
  image_reader second(std::move(first));
  second.write(sample.substr(100));
  const auto image = second.finish();
  REQUIRE(image.has_value());
  CHECK(binarly::test::image_text(*image).str() == sample_text);
}

}  // namespace
