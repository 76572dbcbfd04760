// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_JSON_FEED_HPP
#define BINARLY_DOMAIN_JSON_FEED_HPP

#include "domain/json_text.hpp"

#include <binarly/failure.hpp>

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::domain {

/// How much of everything a JSON text may have.
struct json_bounds {
  std::size_t depth;
  std::size_t string;  ///< bytes
  std::size_t key;     ///< bytes
};

/// What the parser found wrong, in words. `rest` is what it had not read yet.
[[nodiscard]] std::string describe_json_error(boost::json::error_code why,
                                              const json_bounds& bounds, std::string_view rest,
                                              bool at_start);

/// Feeds an answer's JSON to a handler as it arrives, and keeps in words what is wrong with it. A
/// byte order mark before it is passed over. The handler has the parser's bounds and `max_depth`,
/// and tells by `field` where it is and by `flaw` what it did not like.
template <class Handler>
class json_feed {
 public:
  template <class... Arguments>
  explicit json_feed(Arguments&&... arguments)
      : parser_(strict_options(), std::forward<Arguments>(arguments)...) {}

  /// False once something is wrong; nothing more is read then.
  bool write(std::string_view piece) {
    if (mark_ != mark_over && !pass_mark(piece)) return true;
    return feed(piece, true);
  }
  bool end() {
    // What began like a mark was none.
    if (mark_ != mark_over && !feed(byte_order_mark.substr(0, mark_), true)) return false;
    return feed({}, false);
  }
  /// For what shows only at the end.
  void refuse(std::string why) { flaw_ = std::move(why); }

  [[nodiscard]] Handler& handler() noexcept { return parser_.handler(); }
  /// Bytes so far.
  [[nodiscard]] std::size_t read() const noexcept { return read_; }
  [[nodiscard]] std::optional<failure> trouble(errc code) const {
    if (flaw_.empty()) return std::nullopt;
    failure_detail detail;
    detail.code = code;
    detail.step = phase::decode;
    detail.reason = flaw_;
    return failure(std::move(detail));
  }

 private:
  static boost::json::parse_options strict_options() {
    boost::json::parse_options options;
    options.max_depth = Handler::max_depth;
    return options;
  }

  /// False while the mark may not be complete.
  bool pass_mark(std::string_view& piece) {
    while (mark_ < byte_order_mark.size()) {
      if (piece.empty()) return false;
      if (piece.front() != byte_order_mark[mark_]) {
        // What was taken for the mark so far belongs to the text, which is none then.
        feed(byte_order_mark.substr(0, std::exchange(mark_, mark_over)), true);
        return true;
      }
      piece.remove_prefix(1);
      ++mark_;
    }
    mark_ = mark_over;
    read_ = byte_order_mark.size();
    return true;
  }

  bool feed(std::string_view piece, bool more) {
    if (!flaw_.empty()) return false;
    boost::json::error_code ec;
    const std::size_t used = parser_.write_some(more, piece.data(), piece.size(), ec);
    if (!ec && used < piece.size()) ec = boost::json::error::extra_data;
    // A number that is cut short is bad syntax to the parser.
    if (ec && !more) ec = boost::json::error::incomplete;
    read_ += used;
    at_start_ = at_start_ && piece.substr(0, used).find_first_not_of(" \t\r\n") == piece.npos;
    if (!ec) return true;
    const std::string field = handler().field();
    flaw_ = (field.empty() ? "" : "field \"" + field + "\" at ") + "byte " + std::to_string(read_) +
            ": ";
    if (handler().flaw().empty()) {
      constexpr json_bounds bounds{Handler::max_depth, Handler::max_string_size,
                                   Handler::max_key_size};
      flaw_ += describe_json_error(ec, bounds, piece.substr(used), at_start_);
    } else {
      flaw_ += handler().flaw();
    }
    return false;
  }

  static constexpr std::size_t mark_over = static_cast<std::size_t>(-1);

  std::size_t mark_ = 0;  // bytes of a byte order mark that were there; or it is behind us
  // Never the first member: the parser takes its own address for the word that its input was not
  // complete (Boost 1.81), and where an allocator puts objects side by side without anything
  // between, as jemalloc, tcmalloc and TSan's do, that may be the end of a piece.
  boost::json::basic_parser<Handler> parser_;
  std::size_t read_ = 0;
  bool at_start_ = true;
  std::string flaw_;
};

}  // namespace binarly::domain

#endif
