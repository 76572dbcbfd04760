// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/byte_source.hpp"

#include <array>
#include <cstddef>
#include <new>
#include <utility>
#include <zlib.h>

namespace binarly::testing {
namespace {

constexpr std::size_t piece_size = 16 * 1024;
constexpr int gzip_format = 16;

class gzip_source final : public byte_source {
 public:
  explicit gzip_source(std::unique_ptr<byte_source> plain) : plain_(std::move(plain)) {
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + gzip_format, MAX_MEM_LEVEL - 1,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~gzip_source() override { deflateEnd(&stream_); }
  gzip_source(const gzip_source&) = delete;
  gzip_source& operator=(const gzip_source&) = delete;

  bool next(std::string& out) override {
    const std::size_t before = out.size();
    while (!ended_ && out.size() == before) {
      piece_.clear();
      const bool more = plain_->next(piece_);
      stream_.next_in = reinterpret_cast<Bytef*>(piece_.data());
      stream_.avail_in = static_cast<uInt>(piece_.size());
      do {
        std::array<char, piece_size> room;
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(room.size());
        ended_ = deflate(&stream_, more ? Z_NO_FLUSH : Z_FINISH) == Z_STREAM_END;
        out.append(room.data(), room.size() - stream_.avail_out);
      } while (stream_.avail_out == 0);
    }
    return out.size() != before;
  }

 private:
  std::unique_ptr<byte_source> plain_;
  z_stream stream_{};
  std::string piece_;
  bool ended_ = false;
};

class text_source final : public byte_source {
 public:
  explicit text_source(std::string text) : text_(std::move(text)) {}

  bool next(std::string& out) override {
    out += text_;
    return !std::exchange(text_, {}).empty();
  }

 private:
  std::string text_;
};

class marked_source final : public byte_source {
 public:
  explicit marked_source(std::unique_ptr<byte_source> plain) : plain_(std::move(plain)) {}

  bool next(std::string& out) override {
    if (!std::exchange(begun_, true)) out += utf8_mark;
    return plain_->next(out);
  }

 private:
  std::unique_ptr<byte_source> plain_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<byte_source> in_gzip(std::unique_ptr<byte_source> plain) {
  return std::make_unique<gzip_source>(std::move(plain));
}

std::unique_ptr<byte_source> after_mark(std::unique_ptr<byte_source> plain) {
  return std::make_unique<marked_source>(std::move(plain));
}

std::string gzipped(std::string text) {
  return read_all(*in_gzip(std::make_unique<text_source>(std::move(text))));
}

std::string read_all(byte_source& from) {
  std::string all;
  while (from.next(all)) {
  }
  return all;
}

}  // namespace binarly::testing
