// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/secret_file.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t largest_file = 64 * 1024;
constexpr std::chrono::seconds longest_read(30);

class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_(number) {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

/// False when there is nothing to read in time.
bool wait_for_text(int file, clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  pollfd ready{file, POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) != 0;
}

}  // namespace

std::string_view without_outer_space(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  text.remove_suffix(text.size() - (text.find_last_not_of(blanks) + 1));
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

secret read_secret_file(const std::string& path, const std::string& what,
                        const std::string& option) {
  const auto refuse = [&](const std::string& problem) {
    throw command_error(exit_code::usage, "the " + what + " file " + printable(path) + ' ' +
                                              problem + "; check " + option);
  };
  const auto because = [](int error) { return ": " + std::generic_category().message(error); };
  // Without waiting for somebody to write into a pipe: that is bounded below.
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) refuse("cannot be opened" + because(errno));
  const auto until = clock::now() + longest_read;
  // Read without a buffer between, and never grown: either would leave a part of it behind.
  std::string room(largest_file + 1, '\0');
  std::size_t size = 0;
  const auto end_early = [&](const std::string& problem) {
    const secret wiped(std::move(room));
    refuse(problem);
  };
  while (size < room.size()) {
    if (!wait_for_text(file.get(), until)) end_early("has no end: nobody closes it");
    const auto got = ::read(file.get(), room.data() + size, room.size() - size);
    if (got == 0) break;
    if (got > 0) {
      size += static_cast<std::size_t>(got);
    } else if (errno != EINTR && errno != EAGAIN) {
      end_early("cannot be read" + because(errno));
    }
    if (clock::now() >= until) end_early("has no end: nobody closes it");
  }
  if (size > largest_file) end_early("is larger than 64 KiB, which no " + what + " is");
  const secret whole(std::move(room));
  return secret(std::string(without_outer_space(whole.reveal().substr(0, size))));
}

}  // namespace binarly::tools
