// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BENCH_LOOKUP_HPP
#define BINARLY_BENCH_LOOKUP_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

// What the clients of the macro bench have in common: the one image that all ask for and must find,
// and how they are called.

namespace binarly::bench {

inline constexpr std::string_view product = "01JQPGDX8QW0YJ0XEKV1EVG534";
inline constexpr std::string_view image = "01JYJ0W0AACGC7QT1Q21SRWG94";
inline constexpr std::string_view version = "1.2.0";
inline constexpr const char* host = "127.0.0.1";
inline constexpr std::size_t connections = 64;

inline std::string target() {
  return "/api/v4/products/" + std::string(product) + "/images/" + std::string(image);
}

inline std::string answer() {
  return R"({"id":")" + std::string(image) + R"(","name":"Firmware v1.2","version":")" +
         std::string(version) +
         R"(","createTime":"2024-01-20T10:00:00Z","author":"user@example.com","parent":"products/)" +
         std::string(product) + R"(","isArchived":false,"files":[],"scans":[]})";
}

/// As long as the signed tokens of identity services are.
inline std::string token() { return std::string(1000, 't'); }

/// PORT CA_FILE COUNT [WORD...]
struct client_arguments {
  std::uint16_t port = 0;
  std::string ca_file;
  std::uint64_t count = 0;
  std::vector<std::string> words;

  client_arguments(int argc, char** argv) {
    if (argc < 4) throw std::runtime_error("usage: PORT CA_FILE COUNT [WORD...]");
    port = static_cast<std::uint16_t>(std::stoul(argv[1]));
    ca_file = argv[2];
    count = std::stoull(argv[3]);
    words.assign(argv + 4, argv + argc);
  }

  [[nodiscard]] bool told(std::string_view word) const {
    return std::find(words.begin(), words.end(), word) != words.end();
  }
};

/// Processor time that this process has used so far.
inline std::chrono::duration<double, std::micro> processor_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

inline void check(std::string_view found_id, std::string_view found_version) {
  if (found_id != image || found_version != version) {
    throw std::runtime_error("a wrong answer: id \"" + std::string(found_id) + "\", version \"" +
                             std::string(found_version) + '"');
  }
}

}  // namespace binarly::bench

#endif
