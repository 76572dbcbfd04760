// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/json_feed.hpp"

namespace binarly::domain {

namespace json = boost::json;

std::string describe_json_error(json::error_code why, const json_bounds& bounds,
                                std::string_view rest, bool at_start) {
  if (why == json::error::too_deep) {
    return "nested deeper than " + std::to_string(bounds.depth) + " levels";
  }
  if (why == json::error::string_too_large) {
    return "a string longer than " + std::to_string(bounds.string) + " bytes";
  }
  if (why == json::error::key_too_large) {
    return "a key longer than " + std::to_string(bounds.key) + " bytes";
  }
  if (why == json::error::incomplete) {
    return at_start ? "the answer is empty" : "the JSON ends in the middle";
  }
  if (why == json::error::extra_data) return "something follows the JSON";
  if (at_start) {
    return rest.starts_with('<') ? "the answer is HTML or XML, not JSON" : "the answer is not JSON";
  }
  return "not JSON: " + why.message();
}

}  // namespace binarly::domain
