// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/response_parser.hpp"

#include "connect/status_line.hpp"
#include "domain/wipe.hpp"
#include "https/lenient_framing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::https {
namespace {

namespace http = boost::beast::http;
using boost::optional;
using boost::beast::string_view;

/// Holds a usual answer; what is longer is read in pieces.
constexpr std::size_t first_buffer = 4 * 1024;
/// Size in hexadecimal and two line ends, generously.
constexpr std::size_t due_chunk_framing = 24;
/// "0\r\n\r\n": so much is always to come within a chunked body.
constexpr std::size_t shortest_last_chunk = 5;
/// RFC 9110, section 15.2 leaves their number open.
constexpr int most_interim_answers = 8;

/// Whether everybody reads this `Transfer-Encoding` (RFC 9112, section 6.1) in one way: codings
/// that are registered, and chunks, if any, as the last one.
bool frames_clearly(string_view codings) {
  constexpr std::array<std::string_view, 6> known{"identity", "gzip",     "x-gzip",
                                                  "deflate",  "compress", "x-compress"};
  const http::opt_token_list list(codings);
  if (list.begin() == list.end() || !http::validate_list(list)) return false;
  bool last = false;
  for (const string_view each : list) {
    if (last) return false;
    last = boost::beast::iequals(each, "chunked");
    const bool registered = std::any_of(known.begin(), known.end(), [each](std::string_view name) {
      return boost::beast::iequals(each, {name.data(), name.size()});
    });
    if (!last && !registered) return false;
  }
  return true;
}

/// What Beast's parser calls while it works through one message.
class message final : public http::basic_parser<false> {
 public:
  message(response_reader** reader, std::size_t body_limit)
      : reader_(reader), body_left_(body_limit) {
    // One head, chunk's size or piece of a body at a time: what Beast sees of a size is looked at
    // before.
    eager(false);
    // Our limits count more and are met later: after the head was shown, which tells whose answer
    // it is.
    this->body_limit(boost::none);
    header_limit(std::numeric_limits<std::uint32_t>::max());
  }

  [[nodiscard]] bool interim() const noexcept { return head_.status / 100 == 1; }
  [[nodiscard]] unsigned status() const noexcept { return head_.status; }
  /// Bytes that were content, and bytes that framing them properly takes.
  [[nodiscard]] std::uint64_t due() const noexcept { return due_; }
  [[nodiscard]] const reuse_terms& terms() const noexcept { return terms_; }
  /// How the answer is framed is beyond doubt.
  [[nodiscard]] bool well_framed() const noexcept { return !(transfer_coded_ && old_); }
  /// A line with a chunk's size is next, or the trailers behind the last one.
  [[nodiscard]] bool expects_chunk_size() const noexcept { return chunked() && chunk_left_ == 0; }

  /// From now on only a body of known length, with at most so many bytes to come, is taken.
  [[nodiscard]] bool drain(std::uint64_t most) noexcept {
    body_left_ = std::min(body_left_, most);
    draining_ = true;
    return !is_header_done() || interim() || short_enough();
  }

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}

  void on_response_impl(int status, string_view, int version, error_code& failed) override {
    if (status < 100) failed = http::error::bad_status;
    head_.status = static_cast<unsigned>(status);
    old_ = version < 11;
  }

  void on_field_impl(http::field name, string_view text, string_view value,
                     error_code& failed) override {
    if (is_header_done()) return;  // a trailer
    const auto keep = [&](std::string& member) {
      if (member.empty()) member.assign(value.data(), value.size());
    };
    switch (name) {
      case http::field::content_length:
        has_length_ = true;
        if (transfer_coded_) failed = http::error::bad_content_length;
        break;
      case http::field::transfer_encoding:
        // Beast goes by a length beside it, and takes what it does not know for no coding.
        transfer_coded_ = true;
        if (has_length_ || !frames_clearly({value.data(), value.size()})) {
          failed = http::error::bad_transfer_encoding;
        }
        break;
      case http::field::keep_alive:
        read_keep_alive({value.data(), value.size()}, terms_);
        break;
      case http::field::date:
        // Only `Retry-After` is read by it.
        if (head_.status / 100 != 2) keep(head_.date);
        break;
      case http::field::location:
        keep(head_.location);
        break;
      case http::field::content_encoding:
        // One list, as if in one field: what is coded twice must not pass for coded once.
        if (!head_.content_encoding.empty()) head_.content_encoding += ", ";
        head_.content_encoding.append(value.data(), value.size());
        break;
      case http::field::retry_after:
        keep(head_.retry_after);
        break;
      case http::field::unknown:
        if (boost::beast::iequals(text, "X-Request-Id") ||
            boost::beast::iequals(text, "X-Amzn-Trace-Id") ||
            boost::beast::iequals(text, "X-Correlation-Id")) {
          keep(head_.request_id);
        }
        break;
      default:
        break;
    }
  }

  void on_header_impl(error_code& failed) override {
    if (!interim() && *reader_ != nullptr) (*reader_)->on_head(std::move(head_));
    const auto size = content_length();
    if (size && *size > body_left_ && !is_done()) failed = http::error::body_limit;
    if (draining_ && !interim() && !short_enough()) failed = http::error::body_limit;
  }

  void on_body_init_impl(const optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view piece, error_code& failed) override {
    return take(piece, failed);
  }

  void on_chunk_header_impl(std::uint64_t size, string_view, error_code& failed) override {
    due_ += due_chunk_framing;
    chunk_left_ = size;
    if (size > body_left_) failed = http::error::body_limit;
  }

  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code& failed) override {
    const auto taken = take(piece, failed);
    chunk_left_ -= taken;
    return taken;
  }

  void on_finish_impl(error_code&) override {}

  [[nodiscard]] bool short_enough() const noexcept {
    if (is_done()) return true;
    const auto left = content_length_remaining();
    return left && *left <= body_left_;
  }

  std::size_t take(string_view piece, error_code& failed) {
    if (piece.size() > body_left_) {
      failed = http::error::body_limit;
      return 0;
    }
    body_left_ -= piece.size();
    due_ += piece.size();
    if (*reader_ != nullptr) (*reader_)->on_body({piece.data(), piece.size()});
    return piece.size();
  }

  response_reader** reader_;
  std::uint64_t body_left_;
  response_head head_;
  std::uint64_t due_ = 0;
  std::uint64_t chunk_left_ = 0;  // of the current one
  reuse_terms terms_;
  bool draining_ = false;
  bool old_ = false;  // HTTP/1.0
  bool has_length_ = false;
  bool transfer_coded_ = false;
};

}  // namespace

struct response_parser::impl {
  explicit impl(std::size_t limit) : head_limit(limit) {}

  [[nodiscard]] phase step() const noexcept {
    return current->is_header_done() && !current->interim() ? phase::body : phase::head;
  }

  state fail(errc code, std::string reason, error_code cause = {}) {
    failure = connect::transport_failure(code, step(), std::move(reason), cause);
    broken = true;
    return state::failed;
  }

  state fail(error_code parse_error) {
    if (parse_error == http::error::body_limit) {
      return fail(errc::too_large,
                  "its body is larger than " + std::to_string(body_limit) + " bytes", parse_error);
    }
    if (parse_error == http::error::partial_message) {
      return fail(errc::truncated, "the server closed the connection in the middle of it",
                  parse_error);
    }
    return fail(errc::malformed_answer,
                complaint.empty() ? parse_error.message() : std::string(complaint), parse_error);
  }

  /// Beast does not see it.
  std::size_t refuse(std::string_view why, error_code& failed) {
    complaint = why;
    failed = http::error::bad_value;
    return 0;
  }

  [[nodiscard]] std::string_view received() const noexcept { return {buffer.data() + begin, size}; }
  std::size_t put(std::string_view bytes, error_code& failed) {
    return current->put(boost::asio::buffer(bytes), failed);
  }

  /// Lets Beast see what is buffered, where that is in a form that we and it take; says how many
  /// bytes it is done with.
  std::size_t feed(error_code& failed) {
    if (!current->is_header_done()) return feed_head(failed);
    if (current->expects_chunk_size()) return feed_chunk_size(failed);
    return put(received(), failed);
  }

  std::size_t feed_head(error_code& failed) {
    if (const auto wrong = complaint_about_head(received()); !wrong.empty()) {
      return refuse(wrong, failed);
    }
    if (current->got_some()) return put(received(), failed);
    switch (connect::look_for_bare_status(received())) {
      case connect::bare_status_line::no:
        break;
      case connect::bare_status_line::need_more:
        failed = http::error::need_more;
        return 0;
      case connect::bare_status_line::yes: {
        const auto line = connect::with_blank(received());
        put({line.data(), line.size()}, failed);
        if (failed == http::error::need_more) failed = {};
        return connect::bare_status_size;
      }
    }
    return put(received(), failed);
  }

  std::size_t feed_chunk_size(error_code& failed) {
    const auto line = look_at_chunk_size(received());
    if (line.broken) return refuse("a line with a chunk's size ends without CR", failed);
    if (!line.whole) {
      failed = http::error::need_more;
      return 0;
    }
    if (line.padding > 0) {
      // What stands before the blanks takes their place.
      std::memmove(buffer.data() + begin + line.padding, buffer.data() + begin, line.padded_from);
      begin += line.padding;
      size -= line.padding;
      consumed += line.padding;
    }
    return put(received(), failed);
  }

  state fail_oversize_head(phase where) {
    fail(errc::too_large, "its head, or what frames its body, is larger than " +
                              std::to_string(head_limit) + " bytes");
    failure.step = where;
    return state::failed;
  }

  /// Feeds what is buffered. A message of Beast's ends with an interim answer too, so there may be
  /// several in one go.
  state advance() {
    while (size > 0) {
      // Beast must not see a part of "0\r\n\r\n" twice: it asserts that the second time shows all.
      if (current->is_header_done() && current->chunked() && size < shortest_last_chunk) break;
      error_code failed;
      // The head may be complete, and too large, by the time that it can be seen.
      const phase began = step();
      const std::size_t used = feed(failed);
      // It may have been a token.
      domain::wipe(buffer.data() + begin, used);
      begin += used;
      size -= used;
      consumed += used;
      if (failed && failed != http::error::need_more) return fail(failed);
      if (consumed > current->due() + head_limit) return fail_oversize_head(began);
      if (current->is_done()) {
        if (!current->interim()) return state::complete;
        if (current->status() == 101) {
          return fail(errc::malformed_answer, "it switches protocols, which nobody asked for");
        }
        if (++interim_answers > most_interim_answers) {
          return fail(errc::malformed_answer, "more than 8 interim answers came before it");
        }
        current.emplace(&reader, body_limit);
        if (drain_limit) (void)current->drain(*drain_limit);
      } else if (failed == http::error::need_more) {
        if (size > head_limit) return fail_oversize_head(step());
        break;
      }
    }
    return state::need_more;
  }

  const std::size_t head_limit;
  std::size_t body_limit = 0;
  std::optional<std::size_t> drain_limit;
  response_reader* reader = nullptr;
  std::optional<message> current;
  std::vector<char> buffer = std::vector<char>(first_buffer);
  std::size_t begin = 0;  // of what is buffered and not yet parsed
  std::size_t size = 0;
  std::uint64_t consumed = 0;  // of this answer, interim ones included
  int interim_answers = 0;
  bool broken = false;
  std::string_view complaint;  // of our own, about what Beast takes or does not see
  connect::transport_failure failure;
};

response_parser::response_parser(std::size_t head_limit)
    : impl_(std::make_unique<impl>(head_limit)) {}

response_parser::~response_parser() = default;

void response_parser::start(response_reader& reader, std::size_t body_limit) {
  impl_->reader = &reader;
  impl_->body_limit = body_limit;
  impl_->drain_limit.reset();
  impl_->consumed = 0;
  impl_->interim_answers = 0;
  impl_->broken = false;
  impl_->complaint = {};
  impl_->current.emplace(&impl_->reader, body_limit);
}

void response_parser::forget_reader() noexcept { impl_->reader = nullptr; }

bool response_parser::drain(std::size_t most) noexcept {
  forget_reader();
  impl_->drain_limit = most;
  return impl_->current && impl_->current->drain(most);
}

std::span<char> response_parser::prepare() {
  auto& self = *impl_;
  if (self.size == 0) self.begin = 0;
  if (self.begin + self.size == self.buffer.size()) {
    if (self.begin > 0) {
      std::memmove(self.buffer.data(), self.buffer.data() + self.begin, self.size);
      self.begin = 0;
    } else {
      // `advance` fails before this grows far beyond the head limit.
      self.buffer.resize(self.buffer.size() * 2);
    }
  }
  return std::span(self.buffer).subspan(self.begin + self.size);
}

response_parser::state response_parser::commit(std::size_t count) {
  impl_->size += count;
  return impl_->advance();
}

response_parser::state response_parser::end_of_stream() {
  auto& self = *impl_;
  // Beast takes an end before the first byte for a broken promise of its caller's.
  error_code failed = http::error::partial_message;
  if (self.current->got_some()) self.current->put_eof(failed);
  return failed ? self.fail(failed) : state::complete;
}

bool response_parser::got_some() const noexcept { return impl_->consumed + impl_->size > 0; }

bool response_parser::got_head() const noexcept {
  return impl_->current && impl_->current->is_header_done() && !impl_->current->interim();
}

reuse_terms response_parser::terms() const noexcept {
  const auto& current = impl_->current;
  if (!current) return reuse_terms(false);
  reuse_terms terms = current->terms();
  terms.reusable = !impl_->broken && impl_->size == 0 && current->is_done() &&
                   current->keep_alive() && current->well_framed();
  return terms;
}

const connect::transport_failure& response_parser::error() const noexcept { return impl_->failure; }

}  // namespace binarly::https
