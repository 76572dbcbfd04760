// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SBOM_HANDLER_HPP
#define BINARLY_DOMAIN_SBOM_HANDLER_HPP

#include "domain/sbom_findings.hpp"
#include "domain/sbom_members.hpp"

#include <binarly/failure.hpp>
#include <binarly/image_hashes.hpp>

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::domain {

/// Walks through a JSON parser's events to where checksums are; a handler as
/// `boost::json::basic_parser` wants it.
///
/// It keeps a frame for each known object or array that it is in. Of a member that nobody asks for
/// only the nesting is counted, until its value ends. The same is done with a member whose value is
/// not of the kind that it must have: the findings are told, and decide whom it concerns.
///
/// A function returns false, with the error code set, when the whole cannot be such a report;
/// `flaw` then says in words why.
class sbom_handler {
 public:
  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  // The parser enforces these. What is of no use is not held, so that its size costs nothing.
  static constexpr std::size_t max_depth = 256;
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = std::size_t{1} << 30U;
  static constexpr std::size_t max_key_size = std::size_t{1} << 20U;

  /// In bytes, of a text that is of use.
  static constexpr std::size_t max_text_size = 64 * 1024;
  /// Of components within components.
  static constexpr std::size_t max_levels = 64;

  /// `subject` is what an earlier reading of the same report has found out; see `spdx_subject`.
  sbom_handler(std::shared_ptr<const hash_query> wanted, std::optional<std::string> subject);
  sbom_handler(const sbom_handler&) = delete;
  sbom_handler& operator=(const sbom_handler&) = delete;

  /// The member that is being read, such as `components[3].hashes[0].alg`; empty outside known
  /// ones.
  [[nodiscard]] std::string field() const;
  [[nodiscard]] const std::string& flaw() const noexcept { return flaw_; }
  /// What the flaw amounts to.
  [[nodiscard]] errc code() const noexcept { return code_; }
  /// Whether it is a report, of whatever format, as far as it was read.
  [[nodiscard]] bool recognised() const noexcept { return recognised_; }
  /// After the document's end: false, with a flaw, when the whole is no report.
  [[nodiscard]] bool conclude();
  [[nodiscard]] sbom_findings& findings() noexcept { return findings_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec);
  bool on_object_end(std::size_t, error_code& ec);
  bool on_array_begin(error_code& ec);
  bool on_array_end(std::size_t, error_code&);
  bool on_key_part(view part, std::size_t, error_code&);
  bool on_key(view last, std::size_t size, error_code& ec);
  bool on_string_part(view part, std::size_t size, error_code&);
  bool on_string(view last, std::size_t size, error_code& ec);
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t, view, error_code& ec) { return on_other("a number", ec); }
  bool on_uint64(std::uint64_t, view, error_code& ec) { return on_other("a number", ec); }
  bool on_double(double, view, error_code& ec) { return on_other("a number", ec); }
  bool on_bool(bool, error_code& ec) { return on_other("a boolean", ec); }
  bool on_null(error_code& ec);
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

 private:
  struct frame {
    sbom_part what = sbom_part::document;
    sbom_member member = sbom_member::none;  // whose value is due; none in arrays
    std::uint32_t seen = 0;                  // a bit for each member that was there
    std::size_t elements = 0;                // of an array
  };

  bool fail(error_code& ec, std::string flaw, errc code = errc::bad_response);

  [[nodiscard]] frame& top() noexcept { return frames_[depth_ - 1]; }
  [[nodiscard]] bool in_array() const noexcept {
    return depth_ != 0 && is_array(frames_[depth_ - 1].what);
  }
  [[nodiscard]] sbom_kind due() const noexcept;
  [[nodiscard]] sbom_part part_of_object() const noexcept;
  [[nodiscard]] bool has_room(sbom_part next) const noexcept;
  void push(sbom_part what);
  void pop();
  void set_aside();

  bool on_other(std::string_view found, error_code& ec);
  bool wrong_kind(std::string_view found, error_code& ec);
  bool misfit(std::string words, error_code& ec);
  bool repeated(error_code& ec);
  [[nodiscard]] bool keeps_text() const noexcept;
  bool take_text(std::string_view text, error_code& ec);
  bool read_marker(std::string_view text, error_code& ec);
  bool read_context(std::string_view text, error_code& ec);

  const sbom_form form_;
  // Twice for each level of components: the array and its element; and some about them.
  std::array<frame, 2 * max_levels + 8> frames_{};
  std::size_t depth_ = 0;
  std::size_t aside_ = 0;   // containers open within what is of no use
  std::size_t levels_ = 0;  // of components that are open
  std::string parts_;       // of a key or text that comes in pieces
  const sbom_place place_;
  sbom_findings findings_;
  bool marked_ = false;      // as a report of the form
  bool recognised_ = false;  // as a report
  bool spdx3_ = false;       // by its context
  bool has_graph_ = false;
  std::string flaw_;
  errc code_ = errc::bad_response;
};

}  // namespace binarly::domain

#endif
