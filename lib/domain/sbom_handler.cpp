// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_handler.hpp"

#include "domain/checksum_text.hpp"

#include <cassert>
#include <utility>

namespace binarly::domain {
namespace {

constexpr std::size_t longest_key = 32;
constexpr std::string_view spdx_document_id = "SPDXRef-DOCUMENT";

std::string_view name_of(sbom_kind kind) {
  switch (kind) {
    case sbom_kind::text:
      return "a string";
    case sbom_kind::object:
      return "an object";
    case sbom_kind::array:
      return "an array";
    case sbom_kind::anything:
      break;
  }
  return "something else";
}

constexpr std::uint32_t bit_of(sbom_member which) {
  return std::uint32_t{1} << static_cast<unsigned>(which);
}

bool is_element(sbom_part what) {
  return what == sbom_part::image || what == sbom_part::component || what == sbom_part::package ||
         what == sbom_part::file;
}

}  // namespace

void sbom_handler::element::clear() {
  named = false;
  names.clear();
  id.clear();
  checksums.clear();
  count = 0;
}

sbom_handler::sbom_handler(std::shared_ptr<const hash_query> wanted)
    : query_(std::move(wanted)),
      format_(query_->format),
      wanted_(query_->files.begin(), query_->files.end()) {}

std::string sbom_handler::field() const {
  std::string path;
  for (std::size_t i = 0; i < depth_; ++i) {
    const frame& level = frames_[i];
    if (is_array(level.what)) {
      path += "[" + std::to_string(level.elements == 0 ? 0 : level.elements - 1) + "]";
    } else if (level.member != sbom_member::none) {
      if (!path.empty()) path += '.';
      path += key_of(format_, level.what, level.member);
    }
  }
  return path;
}

bool sbom_handler::fail(error_code& ec, std::string flaw, errc code) {
  ec = make_error_code(code);
  code_ = code;
  flaw_ = std::move(flaw);
  return false;
}

bool sbom_handler::wrong_kind(error_code& ec, std::string_view found) {
  return fail(ec, std::string(found) + " where " + std::string(name_of(due())) + " is due");
}

bool sbom_handler::conclude() {
  const bool spdx = format_ == sbom_format::spdx;
  if (!marked_) {
    flaw_ = spdx ? "the answer is not an SPDX report: it has no spdxVersion"
                 : "the answer is not a CycloneDX report: it has no bomFormat";
    return false;
  }
  if (!spdx) return true;
  const auto checksums = subject_.find();
  auto own = read_checksums(checksums.value_or(""));
  if (!checksums) {
    flaw_ = subject_.flaw();
  } else if (!own) {
    flaw_ = "an algorithm of the described package has two values";
  } else {
    found_.own = *std::move(own);
  }
  return flaw_.empty();
}

// Frames and values

sbom_kind sbom_handler::due() noexcept {
  if (depth_ == 0) return sbom_kind::object;
  if (!is_array(top().what)) return kind_of(top().member);
  return top().what == sbom_part::described ? sbom_kind::text : sbom_kind::object;
}

void sbom_handler::push(sbom_part what) {
  assert(depth_ < frames_.size());
  frames_[depth_++] = frame{what};
  if (!is_element(what)) return;
  if (open_ == elements_.size()) elements_.emplace_back();
  elements_[open_++].clear();
}

bool sbom_handler::on_object_begin(error_code& ec) {
  if (aside_ != 0) {
    ++aside_;
    return true;
  }
  const auto wanted = due();
  if (wanted == sbom_kind::anything) {
    aside_ = 1;
    return true;
  }
  const bool in_array = depth_ != 0 && is_array(top().what);
  if (in_array) ++top().elements;
  if (wanted != sbom_kind::object) return wrong_kind(ec, "an object");
  if (depth_ == 0) {
    push(sbom_part::document);
  } else if (in_array) {
    push(element_of(top().what));
  } else {
    push(part_of(top().member));
  }
  return true;
}

bool sbom_handler::on_object_end(std::size_t, error_code& ec) {
  if (aside_ == 0) return pop(ec);
  if (--aside_ == 0) top().member = sbom_member::none;
  return true;
}

/// An object's end.
bool sbom_handler::pop(error_code& ec) {
  const auto what = top().what;
  top().member = sbom_member::none;
  if (what == sbom_part::one_checksum && !end_checksum(ec)) return false;
  if (what == sbom_part::relationship && !end_relationship(ec)) return false;
  if (is_element(what)) {
    if (!end_element(what, ec)) return false;
    --open_;
  }
  --depth_;
  if (depth_ != 0) top().member = sbom_member::none;
  return true;
}

bool sbom_handler::on_array_begin(error_code& ec) {
  if (aside_ != 0) {
    ++aside_;
    return true;
  }
  const auto wanted = due();
  if (wanted == sbom_kind::anything) {
    aside_ = 1;
    return true;
  }
  if (depth_ != 0 && is_array(top().what)) ++top().elements;
  if (wanted != sbom_kind::array) return wrong_kind(ec, "an array");
  const auto what = part_of(top().member);
  if (what == sbom_part::components && ++levels_ > max_levels) {
    return fail(ec, "components within components, more than " + std::to_string(max_levels) +
                        " levels of them");
  }
  push(what);
  return true;
}

bool sbom_handler::on_array_end(std::size_t, error_code&) {
  if (aside_ != 0) {
    if (--aside_ == 0) top().member = sbom_member::none;
    return true;
  }
  if (top().what == sbom_part::components) --levels_;
  --depth_;
  top().member = sbom_member::none;
  return true;
}

bool sbom_handler::on_other(std::string_view found, error_code& ec) {
  if (aside_ != 0) return true;
  if (due() != sbom_kind::anything) {
    if (depth_ != 0 && is_array(top().what)) ++top().elements;
    return wrong_kind(ec, found);
  }
  return true;
}

bool sbom_handler::on_null(error_code& ec) {
  // As good as absent, for a member.
  if (aside_ != 0 || depth_ == 0 || is_array(top().what)) return on_other("null", ec);
  top().member = sbom_member::none;
  return true;
}

bool sbom_handler::on_key_part(view part, std::size_t size, error_code&) {
  if (aside_ == 0 && size <= longest_key) parts_.append(part.data(), part.size());
  return true;
}

bool sbom_handler::on_key(view last, std::size_t size, error_code& ec) {
  if (aside_ != 0) return true;
  auto& here = top();
  if (size > longest_key) {
    here.member = sbom_member::none;
  } else if (parts_.empty()) {
    here.member = find_sbom_member(format_, here.what, {last.data(), last.size()});
  } else {
    parts_.append(last.data(), last.size());
    here.member = find_sbom_member(format_, here.what, parts_);
  }
  parts_.clear();
  if (here.member == sbom_member::none) return true;
  const auto bit = bit_of(here.member);
  if ((here.seen & bit) != 0) return fail(ec, "stands here for the second time");
  here.seen |= bit;
  return true;
}

bool sbom_handler::keeps_text() noexcept { return aside_ == 0 && due() == sbom_kind::text; }

bool sbom_handler::on_string_part(view part, std::size_t size, error_code&) {
  if (size <= max_text_size && keeps_text()) parts_.append(part.data(), part.size());
  return true;
}

bool sbom_handler::on_string(view last, std::size_t size, error_code& ec) {
  if (aside_ != 0) return true;
  const auto wanted = due();
  if (wanted == sbom_kind::anything) return true;
  if (depth_ != 0 && is_array(top().what)) ++top().elements;
  if (wanted != sbom_kind::text) return wrong_kind(ec, "a string");
  if (size > max_text_size) {
    return fail(ec, "a string longer than " + std::to_string(max_text_size) + " bytes");
  }
  bool good = true;
  if (parts_.empty()) {
    good = store({last.data(), last.size()}, ec);
  } else {
    parts_.append(last.data(), last.size());
    good = store(parts_, ec);
    parts_.clear();
  }
  if (good) top().member = sbom_member::none;
  return good;
}

bool sbom_handler::store(std::string_view text, error_code& ec) {
  if (top().what == sbom_part::described) return describe(text, ec);
  switch (top().member) {
    case sbom_member::marker:
      marked_ = format_ == sbom_format::spdx ? text.starts_with("SPDX-") : text == "CycloneDX";
      return marked_ ||
             fail(ec, format_ == sbom_format::spdx ? "not a version of SPDX" : "not \"CycloneDX\"");
    case sbom_member::name:
      store_name(text);
      break;
    case sbom_member::id:
      current().id = text;
      break;
    case sbom_member::algorithm:
      algorithm_ = text;
      break;
    case sbom_member::value:
      value_ = text;
      break;
    case sbom_member::from:
      from_ = text;
      break;
    case sbom_member::kind:
      kind_ = text;
      break;
    case sbom_member::to:
      to_ = text;
      break;
    default:
      break;
  }
  return true;
}

void sbom_handler::store_name(std::string_view text) {
  auto& here = current();
  here.named = true;
  if (wanted_.empty()) return;
  if (const auto found = wanted_.find(text); found != wanted_.end()) here.names.push_back(*found);
  if (top().what != sbom_part::file || !text.starts_with("./")) return;
  const auto found = wanted_.find(text.substr(2));
  if (found != wanted_.end()) here.names.push_back(*found);
}

/// Whether the checksums of the element that is open may be of use.
bool sbom_handler::keeps_checksums() noexcept {
  if (format_ == sbom_format::spdx) return true;
  // The frames: the element, its list of checksums, and the checksum.
  const auto& here = current();
  return !here.named || !here.names.empty() || frames_[depth_ - 3].what == sbom_part::image;
}

bool sbom_handler::end_checksum(error_code& ec) {
  const auto seen = top().seen;
  for (const auto each : {sbom_member::algorithm, sbom_member::value}) {
    if ((seen & bit_of(each)) == 0) {
      return fail(ec, "field \"" + std::string(key_of(format_, top().what, each)) + "\" is absent");
    }
  }
  auto& here = current();
  if (++here.count > max_checksums) {
    return fail(ec, "more than " + std::to_string(max_checksums) + " checksums of one thing");
  }
  const std::size_t before = here.checksums.size();
  if (auto wrong = append_checksum(here.checksums, algorithm_, value_)) {
    return fail(ec, std::move(*wrong));
  }
  if (!keeps_checksums()) here.checksums.resize(before);
  algorithm_.clear();
  value_.clear();
  return true;
}

bool sbom_handler::end_element(sbom_part what, error_code& ec) {
  auto& here = current();
  if (what == sbom_part::image || !here.names.empty()) {
    const auto checksums = read_checksums(here.checksums);
    if (!checksums) return fail(ec, "an algorithm with two values");
    if (what == sbom_part::image) {
      found_.own = *checksums;
    } else {
      for (const auto name : here.names) {
        if (found_.files.size() == max_files) {
          return fail(ec,
                      "the files that were asked for are in the report more than " +
                          std::to_string(max_files) + " times",
                      errc::too_large);
        }
        found_.files.push_back({std::string(name), *checksums});
      }
    }
  }
  if (what == sbom_part::package) subject_.add_package(here.id, here.checksums);
  if (what == sbom_part::file) subject_.add_file(here.id, here.checksums);
  return true;
}

bool sbom_handler::end_relationship(error_code& ec) {
  bool good = true;
  if (kind_ == "DESCRIBES" && from_ == spdx_document_id) {
    good = describe(to_, ec);
  } else if (kind_ == "DESCRIBED_BY" && to_ == spdx_document_id) {
    good = describe(from_, ec);
  }
  from_.clear();
  kind_.clear();
  to_.clear();
  return good;
}

bool sbom_handler::describe(std::string_view id, error_code& ec) {
  if (id.empty()) return fail(ec, "the document describes something without an id");
  return subject_.describe(id) || fail(ec, "the document describes more than one thing");
}

}  // namespace binarly::domain
