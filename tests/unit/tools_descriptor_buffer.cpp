// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/descriptor_buffer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <ostream>
#include <string>
#include <thread>
#include <unistd.h>

namespace binarly::tools {

TEST_CASE("descriptor buffer: a pipe that another process has made non-blocking gets everything") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  const std::string text(1'000'000, 'x');
  std::string read;
  std::thread reader([&] {
    std::array<char, 4096> piece{};
    for (ssize_t size = 0; (size = ::read(ends[0], piece.data(), piece.size())) > 0;)
      read.append(piece.data(), static_cast<std::size_t>(size));
  });
  {
    descriptor_buffer buffer(ends[1], descriptor_buffer::loss::fails);
    std::ostream out(&buffer);
    out << text << 7 << std::flush;
    CHECK(out.good());
    CHECK(buffer.error() == 0);
  }
  CHECK(write_all(ends[1], text) == 0);
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  CHECK(read == text + '7' + text);
}

TEST_CASE("descriptor buffer: it knows why it failed, and fails from then on") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  descriptor_buffer buffer(full, descriptor_buffer::loss::fails);
  std::ostream out(&buffer);
  out << "text";
  CHECK(out.good());
  CHECK_FALSE(out.flush().good());
  CHECK(buffer.error() == ENOSPC);
  out.clear();
  out << std::string(100'000, 'x');
  CHECK_FALSE(out.good());
  buffer.forget();
  out.clear();
  out << "x";
  CHECK(out.good());
  CHECK(buffer.error() == 0);
  ::close(full);
  CHECK_FALSE(out.flush().good());
  CHECK(buffer.error() == EBADF);
}

TEST_CASE("descriptor buffer: messages that nobody takes are dropped") {
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  ::close(ends[0]);
  descriptor_buffer buffer(ends[1], descriptor_buffer::loss::ignored);
  std::ostream out(&buffer);
  for (int times = 0; times < 3; ++times) {
    out << std::string(100'000, 'x') << std::flush;
    CHECK(out.good());
  }
  ::close(ends[1]);
}

}  // namespace binarly::tools
