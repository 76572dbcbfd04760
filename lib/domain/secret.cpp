// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/wipe.hpp"

#include <binarly/secret.hpp>

#include <algorithm>
#include <utility>

namespace binarly {

using domain::wipe;

// Never in a string's own small buffer, which a move would leave behind.
secret::secret(std::string text) : size_(text.size()) {
  if (size_ > 0) {
    bytes_.reset(new char[size_]);
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  wipe(text);
}

secret::secret(secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

secret& secret::operator=(secret&& other) noexcept {
  secret taken(std::move(other));
  std::swap(bytes_, taken.bytes_);
  std::swap(size_, taken.size_);
  return *this;
}

secret::~secret() { wipe(bytes_.get(), size_); }

secret secret::clone() const { return secret(std::string(reveal())); }

bool operator==(const secret& left, const secret& right) noexcept {
  if (left.size_ != right.size_) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size_; ++i)
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(left.bytes_[i] ^ right.bytes_[i]));
  return difference == 0;
}

}  // namespace binarly
