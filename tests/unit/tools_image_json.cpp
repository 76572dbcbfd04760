// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/image_json.hpp"

#include <doctest/doctest.h>

namespace binarly::tools {

TEST_CASE("an image with what every image has") {
  image found;
  found.id = "i";
  found.version = "1.2";
  found.create_time.text = "2024-01-20T10:00:00Z";
  found.author.text = "user@example.com";
  CHECK(image_json(found) == R"({
  "id": "i",
  "name": "",
  "version": "1.2",
  "createTime": "2024-01-20T10:00:00Z",
  "author": "user@example.com"
}
)");
}

TEST_CASE("an author's members are all written, whichever there are") {
  image found;
  found.id = "i";
  found.create_time = {{}, "0001-01-01T00:00:00Z", false};
  found.author.email = "e";
  found.author.id = "a";
  found.author.create_time = {{}, "9999-12-31T23:59:59Z", false};
  CHECK(image_json(found) == R"({
  "id": "i",
  "name": "",
  "version": "",
  "createTime": "0001-01-01T00:00:00Z",
  "author": {
    "id": "a",
    "email": "e",
    "createTime": "9999-12-31T23:59:59Z"
  }
}
)");
  // Nothing at all is known of either.
  found.author = {};
  found.create_time = {{}, "", false};
  found.is_archived = true;
  CHECK(image_json(found) == R"({
  "id": "i",
  "name": "",
  "version": "",
  "createTime": null,
  "author": "",
  "isArchived": true
}
)");
}

TEST_CASE("an image with everything") {
  const timestamp time{{}, "2024-01-20T10:00:00Z"};
  image found;
  found.id = "i";
  found.name = "a \"b\"\n";
  found.version = "1";
  found.create_time = time;
  found.author.user_id = "u";
  found.author.id = "a";
  found.author.email = "e";
  found.author.create_time = time;
  found.author.status = "s";
  found.author.resource_type = "r";
  found.parent = "products/p";
  found.is_archived = false;
  image_file file;
  file.id = "f";
  file.filename = "x.bin";
  file.download_url = "https://x.example/";
  file.author.text = "z";
  file.metadata = R"({"k":[1,{}]})";
  found.files.push_back(file);
  scan one;
  one.id = "s";
  one.author.text = "z";
  one.latest_state.emplace();
  one.latest_state->type = "done";
  one.latest_state->create_time = time;
  found.scans.push_back(one);
  one.latest_state.reset();
  found.latest_scan = one;
  found.counts.emplace();
  found.counts->by_name["findings"] = 3;
  found.counts->finding_type_counts = "[]";
  CHECK(image_json(found) == R"({
  "id": "i",
  "name": "a \"b\"\n",
  "version": "1",
  "createTime": "2024-01-20T10:00:00Z",
  "author": {
    "userId": "u",
    "id": "a",
    "email": "e",
    "createTime": "2024-01-20T10:00:00Z",
    "status": "s",
    "resourceType": "r"
  },
  "parent": "products/p",
  "isArchived": false,
  "files": [
    {
      "id": "f",
      "author": "z",
      "filename": "x.bin",
      "isAttachment": false,
      "downloadUrl": "https://x.example/",
      "metadata": {
        "k": [
          1,
          {}
        ]
      }
    }
  ],
  "scans": [
    {
      "id": "s",
      "author": "z",
      "latestScanState": {
        "type": "done",
        "createTime": "2024-01-20T10:00:00Z"
      }
    }
  ],
  "latestScan": {
    "id": "s",
    "author": "z"
  },
  "counts": {
    "findings": 3,
    "findingTypeCounts": []
  }
}
)");
}

}  // namespace binarly::tools
