// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What is left of secrets in the memory of this process: the service is in another one.

#include "support/client_fixture.hpp"
#include "support/command.hpp"
#include "support/process.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;

/// A text that this program's memory holds in disguise alone.
class disguised {
 public:
  explicit disguised(unsigned char first) : first_(first) {}

  static constexpr std::size_t size = 40;
  [[nodiscard]] char at(std::size_t i) const noexcept {
    return static_cast<char>('a' + (first_ + 7 * i + i * i) % 26);
  }
  /// The text itself, which goes into a secret and is wiped there.
  [[nodiscard]] std::string plain() const {
    std::string text;
    text.reserve(size);
    for (std::size_t i = 0; i < size; ++i)
      text += at(i);
    return text;
  }
  [[nodiscard]] bool is_at(const char* bytes) const noexcept {
    for (std::size_t i = 0; i < size; ++i) {
      if (bytes[i] != at(i)) return false;
    }
    return true;
  }

 private:
  unsigned char first_;
};

/// How often it stands in what this process can write to.
std::size_t occurrences(const disguised& what) {
  constexpr std::uint64_t largest_mapping = std::uint64_t{1}
                                            << 30U;  // a sanitizer's own are larger
  std::size_t found = 0;
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  std::ifstream maps("/proc/self/maps");
  std::vector<char> bytes;
  for (std::string line; std::getline(maps, line);) {
    const auto dash = line.find('-');
    const auto space = line.find(' ');
    if (line.compare(space + 1, 2, "rw") != 0) continue;
    const std::uint64_t begin = std::stoull(line.substr(0, dash), nullptr, 16);
    const std::uint64_t end = std::stoull(line.substr(dash + 1, space - dash - 1), nullptr, 16);
    if (end - begin > largest_mapping) continue;
    constexpr std::size_t piece = 1024 * 1024;
    bytes.resize(piece + disguised::size);
    for (std::uint64_t at = begin; at < end; at += piece) {
      const auto wanted = std::min<std::uint64_t>(bytes.size(), end - at);
      const auto got = ::pread(memory, bytes.data(), wanted, static_cast<off_t>(at));
      const char* from = bytes.data();
      const char* const last = from + std::max<ssize_t>(got - ssize_t{disguised::size}, 0);
      // By the library: a sanitizer would look at each byte for itself.
      while (from < last) {
        const auto* const candidate = static_cast<const char*>(
            std::memchr(from, what.at(0), static_cast<std::size_t>(last - from)));
        if (candidate == nullptr) break;
        if (what.is_at(candidate)) ++found;
        from = candidate + 1;
      }
    }
  }
  ::close(memory);
  std::fill(bytes.begin(), bytes.end(), '\0');
  return found;
}

/// The service that a new user tries, in a process of its own.
class served_elsewhere {
 public:
  explicit served_elsewhere(const words& more = {})
      : process_([&] {
          words arguments{"serve", "--images", "10", "--ca-out", ca_path()};
          arguments.insert(arguments.end(), more.begin(), more.end());
          return command(arguments);
        }()) {
    wait_until([this] { return contains(process_.output(), "\n"); });
    const auto output = process_.output();
    options = options_for(output.substr(0, output.find('\n')), read_file(ca_path()));
  }

  client_options options;

 private:
  [[nodiscard]] std::string ca_path() const { return directory_.path() / "ca.pem"; }

  temporary_directory directory_;
  child_process process_;
};

void look_up_some(asio::io_context& context, const client& from) {
  for (int i = 0; i < 20; ++i) {
    const lookup one(from, image_ref("01JQPGDX8QW0YJ0XEKV1EVG534", "01JYJ0W0AACGC7QT1Q21SRWG94"));
    run_until(context, [&one] { return one.done(); });
    REQUIRE(one.why().code() == errc::not_found);
  }
}

TEST_CASE("secrets: nothing of a token is left once its client is gone") {
  const disguised token(3);
  served_elsewhere service;
  {
    std::optional<asio::io_context> context(std::in_place);
    service.options.auth = credentials::bearer(binarly::secret(token.plain()));
    std::optional<client> from(std::in_place, context->get_executor(), service.options);
    look_up_some(*context, *from);
    CHECK(occurrences(token) > 0);
    from.reset();
    REQUIRE(runs_out(*context));
    service.options.auth = credentials();
  }
  CHECK(occurrences(token) == 0);
}

TEST_CASE("secrets: nor of a client's secret, whichever way it is sent") {
  for (const auto how : {client_authentication::body, client_authentication::basic}) {
    CAPTURE(static_cast<int>(how));
    const disguised hidden(11);
    served_elsewhere service({"--client-id", "robot", "--client-secret", "another one"});
    {
      std::optional<asio::io_context> context(std::in_place);
      client_credentials_options who;
      who.url = service.options.base_url;
      who.client_id = "robot";
      who.client_secret = binarly::secret(hidden.plain());
      who.authentication = how;
      service.options.auth = credentials::client_credentials(std::move(who));
      std::optional<client> from(std::in_place, context->get_executor(), service.options);
      const lookup one(*from, image_ref("P", "I"));
      run_until(*context, [&one] { return one.done(); });
      CHECK(one.why().detail().step == phase::token);
      CHECK(occurrences(hidden) > 0);
      from.reset();
      REQUIRE(runs_out(*context));
      service.options.auth = credentials();
    }
    CHECK(occurrences(hidden) == 0);
  }
}

}  // namespace
