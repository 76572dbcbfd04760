// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_CLIENT_SEARCH_HPP
#define BINARLY_TESTS_SUPPORT_CLIENT_SEARCH_HPP

#include <binarly/client.hpp>
#include <binarly/image_hashes.hpp>
#include <binarly/retry_policy.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace binarly::testing {

/// A search with a handler that counts how often it is called, and with a signal to cancel it.
class search {
 public:
  search(const client& from, image_ref ref, hash_query query = hash_query(),
         call_options options = call_options()) {
    from.async_find_hashes(
        std::move(ref), std::move(query), std::move(options),
        asio::bind_cancellation_slot(signal_.slot(), [this](result<image_hashes> outcome) {
          ++completions_;
          outcome_ = std::move(outcome);
        }));
  }
  search(const search&) = delete;
  search& operator=(const search&) = delete;

  void cancel() { signal_.emit(asio::cancellation_type::terminal); }
  [[nodiscard]] bool done() const noexcept { return completions_ > 0; }
  [[nodiscard]] int completions() const noexcept { return completions_; }
  [[nodiscard]] const result<image_hashes>& outcome() const { return outcome_.value(); }

 private:
  asio::cancellation_signal signal_;
  int completions_ = 0;
  std::optional<result<image_hashes>> outcome_;
};

inline hash_query query_for(sbom_format format, std::vector<std::string> files = {}) {
  hash_query query;
  query.format = format;
  query.files = std::move(files);
  return query;
}

inline retry_policy at_once(int attempts) {
  return retry_policy()
      .max_attempts(attempts)
      .base_delay(std::chrono::milliseconds(0))
      .delay_cap(std::chrono::milliseconds(0));
}

/// A whole answer.
inline std::string answer(const std::string& body, const std::string& fields = "",
                          const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

/// A small one in CycloneDX.
inline const std::string report =
    R"({"bomFormat":"CycloneDX","metadata":{"component":{"hashes":[{"alg":"MD5","content":)"
    R"("00112233445566778899aabbccddeeff"}]}}})";

}  // namespace binarly::testing

#endif
