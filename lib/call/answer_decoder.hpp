// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ANSWER_DECODER_HPP
#define BINARLY_CALL_ANSWER_DECODER_HPP

#include <binarly/failure.hpp>

#include <memory>
#include <string_view>

namespace binarly::call {

/// Makes a value of the body of a successful answer.
class answer_decoder {
 public:
  virtual ~answer_decoder() = default;
  virtual void write(std::string_view piece) = 0;
  /// Whether the body, now complete, is what the API promises. Only the failure's code, step and
  /// reason are looked at.
  virtual result<void> finish() = 0;
};

using decoder_maker = std::unique_ptr<answer_decoder> (*)();
/// What a call comes to: the decoder that holds the value, or why there is none.
using answered = result<std::unique_ptr<answer_decoder>>;

}  // namespace binarly::call

#endif
