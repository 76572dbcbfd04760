// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_COMMAND_HPP
#define BINARLY_TESTS_SUPPORT_COMMAND_HPP

#include "support/patience.hpp"
#include "support/process.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace binarly::testing {

using words = std::vector<std::string>;

/// The token that a `served` service asks for; no test may find it in what the command writes.
constexpr const char* secret = "s3cret-token";

/// The command's path, from `BINARLY_IMAGES_COMMAND`, and its arguments.
[[nodiscard]] words command(const words& arguments);

/// The variables, and none of the caller's own that would tell the command something.
[[nodiscard]] words clean(const words& variables = {});

/// How the command ended, and all that it wrote.
struct command_end {
  int code = 0;
  std::string output;
  std::string errors;
};

/// Runs the command to its end.
command_end run_command(const words& arguments, const words& variables = {},
                        const std::string& input = {});

[[nodiscard]] bool contains(const std::string& text, const std::string& part);

/// One readable line on standard error, nothing on standard output.
void check_one_line(const command_end& end, int code, const std::string& part);

/// Verdicts by row, out of a file of results; each row stands there once.
[[nodiscard]] std::map<std::int64_t, std::string> verdicts(const std::string& results);

/// Waits for what another process or thread is about to do.
template <class Condition>
void wait_until(Condition condition) {
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > bound) throw std::runtime_error("waited in vain");
    ::poll(nullptr, 0, 2);
  }
}

/// A service on a thread of its own, and what users of the command need to reach it.
class served {
 public:
  explicit served(fake_service_options options = fake_service_options());
  ~served();
  served(const served&) = delete;
  served& operator=(const served&) = delete;

  [[nodiscard]] fake_service& service() noexcept { return service_; }
  [[nodiscard]] const std::string& ca() const noexcept { return ca_; }
  [[nodiscard]] words variables() const;

  [[nodiscard]] std::string file(const std::string& name) const;
  std::string write(const std::string& name, const std::string& text) const;
  /// Rows `product_id,image_id,version` for the service's images from one up to before another.
  [[nodiscard]] std::string rows(std::uint64_t from, std::uint64_t to) const;

  [[nodiscard]] command_end get(std::uint64_t index) const;
  [[nodiscard]] command_end verify(const std::string& manifest, const words& more = {}) const;

 private:
  temporary_directory directory_;
  boost::asio::io_context loop_{1};
  fake_service service_;
  std::string ca_;
  std::thread thread_;
};

}  // namespace binarly::testing

#endif
