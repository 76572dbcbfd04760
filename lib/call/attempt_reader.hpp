// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ATTEMPT_READER_HPP
#define BINARLY_CALL_ATTEMPT_READER_HPP

#include "call/answer_decoder.hpp"
#include "domain/coded_body.hpp"
#include "https/messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace binarly::call {

/// Takes in the answer to one attempt: the body of a success goes to the operation's decoder, that
/// of anything else is read as the service's error envelope.
class attempt_reader final : public https::response_reader {
 public:
  /// The decoder is made when there is something to decode: most calls that are under way wait. It
  /// is given `answer_limit` bytes at most, once the answer's coding is undone.
  attempt_reader(const decoder_maker& make_decoder, std::size_t answer_limit);

  ~attempt_reader() override;

  void on_head(https::response_head head) override;
  void on_body(std::string_view piece) override;

  /// Why the complete answer is no success; nothing if it is one. Call once. `secret` is struck out
  /// of whatever the server said, since servers have been seen to echo requests.
  /// `resource`: what the answer is to be about.
  [[nodiscard]] std::optional<failure_detail> judge(std::string_view secret,
                                                    std::string_view resource);
  /// After a success.
  [[nodiscard]] std::unique_ptr<answer_decoder> take_decoder() { return std::move(decoder_); }
  /// Adds what the head told, even where no complete answer followed.
  void describe(failure_detail& detail, std::chrono::sys_seconds now,
                std::string_view secret) const;

  /// 0 when no head was read.
  [[nodiscard]] unsigned status() const noexcept { return head_.status; }
  /// Of the body, so far.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct error_body;

  /// Who gave the answer, which has the platform's form or not.
  [[nodiscard]] responder answered_by(bool recognised) const noexcept;
  [[nodiscard]] result<void> finish(std::string_view resource);
  [[nodiscard]] bool success() const noexcept { return head_.status / 100 == 2; }

  const decoder_maker make_decoder_;
  const std::size_t answer_limit_;
  https::response_head head_;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<answer_decoder> decoder_;
  std::unique_ptr<domain::coded_body> coded_;  // null for a body as it is
  std::unique_ptr<error_body> error_;          // made when there is an error to read
};

}  // namespace binarly::call

#endif
