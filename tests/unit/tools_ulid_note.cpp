// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/ulid_note.hpp"

#include <doctest/doctest.h>

#include <string>

namespace binarly::tools {

TEST_CASE("ulid_note: ULIDs, and ids that look like none") {
  for (const std::string id :
       {"01JYJ0W0AACGC7QT1Q21SRWG94", "01jyj0w0aacgc7qt1q21srwg94", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "img_abc123", "a", "0123456789abcdef0123456789abcdef", "1",
        // As long, but with other characters; as long as one that is wrong, but of other letters.
        "01JYJ0W0-ACGC7QT1Q21SRWG94", "01JYJ0W0AACGC7Q_1Q21SRWG94", "clx8k2jio0000ulxyz0123456"}) {
    CAPTURE(id);
    CHECK(ulid_note(id) == "");
  }
}

TEST_CASE("ulid_note: ULIDs gone wrong") {
  CHECK(ulid_note("01JYJ0W0AACGC7QT1Q21SRWG9") == "has 25 characters, where a ULID has 26");
  CHECK(ulid_note("01jyj0w0aacgc7qt1q21srwg945") == "has 27 characters, where a ULID has 26");
  CHECK(ulid_note("O1JYJ0W0AACGC7QT1Q21SRWG94") ==
        "has the letter O as character 1, which no ULID has");
  CHECK(ulid_note("01JYJ0W0AACGC7QT1Q2lSRWG94") ==
        "has the letter l as character 20, which no ULID has");
  CHECK(ulid_note("01JYJ0W0AACGC7QTIQ21SRWG94") ==
        "has the letter I as character 17, which no ULID has");
  CHECK(ulid_note("01JYJ0U0AACGC7QT1Q21SRWG94") ==
        "has the letter U as character 7, which no ULID has");
  CHECK(ulid_note("81JYJ0W0AACGC7QT1Q21SRWG94") ==
        "begins with 8, where a ULID begins with 0 to 7");
}

}  // namespace binarly::tools
