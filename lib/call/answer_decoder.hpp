// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ANSWER_DECODER_HPP
#define BINARLY_CALL_ANSWER_DECODER_HPP

#include <binarly/failure.hpp>

#include <memory>
#include <string_view>

namespace binarly::call {

/// Makes a value of the body of a successful answer, whose coding has been undone.
class answer_decoder {
 public:
  virtual ~answer_decoder() = default;
  virtual void write(std::string_view piece) = 0;
  /// Whether it has no use for more, whatever follows; it must put up with more all the same.
  [[nodiscard]] virtual bool has_enough() const noexcept { return false; }
  /// Whether the body, now complete, is what the API promises. Of the failure only the code, the
  /// reason, the server's message (without any secret) and `answered_by` are looked at:
  /// `responder::platform` says that the answer is the platform's own all the same.
  virtual result<void> finish() = 0;
  /// After a good `finish`: what another decoder needs to know to make the whole value, where one
  /// reading of the answer was not enough; null where it was. The operation is then asked once
  /// more, within the same call, and its decoder has this as its context.
  [[nodiscard]] virtual std::shared_ptr<const void> again() const { return nullptr; }
  /// Whether the value, which is good, is about the resource that the operation names. What does
  /// not say what it is about is taken.
  virtual result<void> check(std::string_view /*resource*/) { return {}; }
};

/// Makes a decoder for each attempt, when there is something to decode.
struct decoder_maker {
  using function = std::unique_ptr<answer_decoder> (*)(const std::shared_ptr<const void>& context);

  function make = nullptr;
  /// What the operation's decoders need to know; null where they need nothing, which costs nothing.
  std::shared_ptr<const void> context;
  /// Who is asked: errors of the platform have a form of their own, by which it is known.
  responder asked = responder::platform;

  decoder_maker() = default;

  [[nodiscard]] std::unique_ptr<answer_decoder> operator()() const { return make(context); }
};

/// What a call comes to: the decoder that holds the value, or why there is none.
using answered = result<std::unique_ptr<answer_decoder>>;

}  // namespace binarly::call

#endif
