// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/gunzip.hpp"

#include "domain/wipe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <zlib.h>

namespace binarly::domain {
namespace {

constexpr int gzip_only = 16;

// zlib keeps the last 32 KiB that it made, and does not say how much it gives back.

constexpr std::size_t size_room = alignof(std::max_align_t);

voidpf take_memory(voidpf, uInt items, uInt size) {
  const std::size_t bytes = size_room + std::size_t{items} * size;
  auto* const block = static_cast<char*>(std::malloc(bytes));
  if (block == nullptr) return nullptr;
  std::memcpy(block, &bytes, sizeof bytes);
  return block + size_room;
}

void give_back_wiped(voidpf, voidpf memory) {
  auto* const block = static_cast<char*>(memory) - size_room;
  std::size_t bytes = 0;
  std::memcpy(&bytes, block, sizeof bytes);
  wipe(block, bytes);
  std::free(block);
}

}  // namespace

bool is_coding(std::string_view coding, std::string_view name) noexcept {
  return std::equal(coding.begin(), coding.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

bool is_gzip(std::string_view coding) noexcept {
  return is_coding(coding, "gzip") || is_coding(coding, "x-gzip");
}

struct gunzip::state {
  state() {
    stream.zalloc = take_memory;
    stream.zfree = give_back_wiped;
    if (inflateInit2(&stream, MAX_WBITS + gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~state() {
    inflateEnd(&stream);
    wipe(reinterpret_cast<char*>(room.data()), room.size());
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  z_stream stream{};
  bool begun = false;  // the current member
  bool ended = false;  // at least one member
  std::array<Bytef, 32 * 1024> room;
};

gunzip::gunzip() : state_(std::make_unique<state>()) {}
gunzip::~gunzip() = default;

bool gunzip::write(std::string_view piece, const taker& to) {
  auto& stream = state_->stream;
  while (!piece.empty()) {
    const auto size = std::min<std::size_t>(piece.size(), std::numeric_limits<uInt>::max());
    // zlib does not write there.
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece.data()));
    stream.avail_in = static_cast<uInt>(size);
    bool full = true;
    while (stream.avail_in > 0 || full) {
      if (stream.avail_in > 0) state_->begun = true;
      stream.next_out = state_->room.data();
      stream.avail_out = static_cast<uInt>(state_->room.size());
      const int found = inflate(&stream, Z_NO_FLUSH);
      if (found != Z_OK && found != Z_STREAM_END && found != Z_BUF_ERROR) return false;
      full = stream.avail_out == 0;
      const auto made = state_->room.size() - stream.avail_out;
      if (made > 0 && !to({reinterpret_cast<const char*>(state_->room.data()), made})) return false;
      if (found == Z_STREAM_END) {
        inflateReset(&stream);
        state_->begun = false;
        state_->ended = true;
        full = false;
      }
    }
    piece.remove_prefix(size);
  }
  return true;
}

bool gunzip::complete() const noexcept { return state_->ended && !state_->begun; }

}  // namespace binarly::domain
