// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/journal_rows.hpp"
#include "tools/outputs/junit_output.hpp"
#include "tools/text.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

namespace {

std::string junit(const std::vector<journal_entry>& rows) {
  std::ostringstream out;
  junit_output shown(out);
  show(shown, rows);
  return out.str();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("JUnit has a test case for each row") {
  auto failed = failed_row(5, verdict::failed, errc::server_error);
  failed.failure->request_id = "r-7";
  CHECK(junit({journal_row(1, verdict::verified), mismatched_row(2, "1.1"),
               failed_row(3, verdict::missing, errc::not_found),
               failed_row(4, verdict::forbidden, errc::forbidden), failed,
               failed_row(6, verdict::cancelled, errc::cancelled)}) ==
        R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="verify" package="binarly-images" id="0" hostname="localhost" tests="6" failures="3" errors="1" skipped="1" time="0.050" timestamp="2026-03-01T09:00:00">
<properties/>
<testcase classname="products/p" name="image i1 (row 1)" time="0.010"/>
<testcase classname="products/p" name="image i2 (row 2)" time="0.010">
<failure message="products/p/images/i2: version is &quot;1.1&quot;, expected &quot;1.0&quot;" type="mismatched">what to do: correct the manifest, or upload the image that was meant
attempts: 1
</failure>
</testcase>
<testcase classname="products/p" name="image i3 (row 3)" time="0.010">
<failure message="get image products/p/images/i3: not found (1 attempt)" type="not_found">what to do: check the product id and the image id
attempts: 1
</failure>
</testcase>
<testcase classname="products/p" name="image i4 (row 4)" time="0.010">
<failure message="get image products/p/images/i4: forbidden (1 attempt)" type="forbidden">what to do: ask for the missing permission, or use another token
attempts: 1
</failure>
</testcase>
<testcase classname="products/p" name="image i5 (row 5)" time="0.010">
<error message="get image products/p/images/i5: the service is in trouble (1 attempt)" type="server_error">what to do: try again later; if it stays so, give the request id to the service&#39;s support
attempts: 1
request id: r-7
</error>
</testcase>
<testcase classname="products/p" name="image i6 (row 6)" time="0.010">
<skipped message="get image products/p/images/i6: cancelled (1 attempt)"/>
</testcase>
<system-out/>
<system-err/>
</testsuite>
</testsuites>
)xml");
}

TEST_CASE("JUnit of a run without rows") {
  CHECK(junit({}) == R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="verify" package="binarly-images" id="0" hostname="localhost" tests="0" failures="0" errors="0" skipped="0" time="0.000" timestamp="1970-01-01T00:00:00">
<properties/>
<system-out/>
<system-err/>
</testsuite>
</testsuites>
)xml");
}

TEST_CASE("JUnit holds only characters that XML 1.0 knows, and no text is markup") {
  const auto rows = hostile_rows();
  const auto text = junit(rows);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(std::string_view(text).substr(at));
    REQUIRE(length != 0);
    const auto one = text.substr(at, length);
    const bool bad = (length == 1 && one != "\n" && static_cast<unsigned char>(one[0]) < 0x20) ||
                     one == "\ufffe" || one == "\uffff";
    REQUIRE_FALSE(bad);
    at += length;
  }
  CHECK(count(text, "<testcase ") == rows.size());
  // Of six rows one is one tag, one is three and four are four; besides there are the declaration
  // and the tags around all of them.
  CHECK(count(text, "<") == rows.size() / 6 * (1 + 3 + 4 * 4) + 8);
  CHECK(text.find("]]>") == std::string::npos);
}

}  // namespace binarly::tools
