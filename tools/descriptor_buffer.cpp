// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/descriptor_buffer.hpp"

#include <cerrno>
#include <cstddef>
#include <poll.h>
#include <unistd.h>

namespace binarly::tools {

int write_all(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto size = ::write(file, text.data(), text.size());
    if (size > 0) {
      text.remove_prefix(static_cast<std::size_t>(size));
    } else if (size == 0) {
      return ENOSPC;
    } else if (errno == EAGAIN) {
      pollfd ready{file, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

descriptor_buffer::descriptor_buffer(int file, loss what) noexcept : file_(file), loss_(what) {
  forget();
}

void descriptor_buffer::forget() noexcept {
  error_ = 0;
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

descriptor_buffer::int_type descriptor_buffer::overflow(int_type next) {
  if (sync() != 0) return traits_type::eof();
  if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
  return sputc(traits_type::to_char_type(next));
}

int descriptor_buffer::sync() {
  if (error_ == 0) {
    error_ = write_all(file_, {pbase(), static_cast<std::size_t>(pptr() - pbase())});
  }
  if (error_ == 0 || loss_ == loss::ignored) {
    forget();
    return 0;
  }
  // Without room, whatever comes fails, too.
  setp(nullptr, nullptr);
  return -1;
}

}  // namespace binarly::tools
