// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/input.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

namespace {

[[noreturn]] void give_up(const std::string& what, int why) {
  throw command_error(exit_code::usage, what + ": " + std::generic_category().message(why));
}

}  // namespace

input_file::input_file(const std::string& path)
    : name_(path == "-" ? "standard input" : printable(path)) {
  if (::pipe2(wake_.data(), O_CLOEXEC) != 0) give_up("no pipe for the manifest's reader", errno);
  file_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) {
    const int why = errno;
    ::close(wake_[0]);
    ::close(wake_[1]);
    give_up("the manifest " + name_ + " cannot be opened", why);
  }
}

input_file::~input_file() {
  if (file_ != STDIN_FILENO) ::close(file_);
  ::close(wake_[0]);
  ::close(wake_[1]);
}

void input_file::interrupt() noexcept {
  const char byte = 0;
  // A pipe that is full has woken the reader already.
  [[maybe_unused]] const auto written = ::write(wake_[1], &byte, 1);
}

std::optional<std::uint64_t> input_file::size() const {
  struct stat mine {};
  if (::fstat(file_, &mine) != 0 || !S_ISREG(mine.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(mine.st_size);
}

bool input_file::is_same_file(const std::string& path) const {
  struct stat mine {};
  struct stat other {};
  return ::fstat(file_, &mine) == 0 && ::stat(path.c_str(), &other) == 0 &&
         mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
}

input_file::int_type input_file::underflow() {
  for (;;) {
    std::array<pollfd, 2> ready{pollfd{file_, POLLIN, 0}, pollfd{wake_[0], POLLIN, 0}};
    if (::poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) continue;
      give_up("the manifest " + name_ + " cannot be waited for", errno);
    }
    if (ready[1].revents != 0) throw read_interrupted();
    const auto size = ::read(file_, buffer_.data(), buffer_.size());
    if (size < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      if (errno == EISDIR) {
        throw command_error(exit_code::usage,
                            "the manifest " + name_ + " is a directory; name a file in it");
      }
      give_up("the manifest " + name_ + " cannot be read", errno);
    }
    if (size == 0) return traits_type::eof();
    setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
    return traits_type::to_int_type(*gptr());
  }
}

}  // namespace binarly::tools
