// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_handler.hpp"

#include "domain/printable.hpp"

#include <cassert>
#include <utility>

namespace binarly::domain {
namespace {

constexpr std::size_t longest_key = 32;
constexpr std::size_t longest_shown = 32;
/// Of every version of SPDX 3's context.
constexpr std::string_view spdx3_context = "spdx.org/rdf/3";
/// Of every version of CycloneDX's schema.
constexpr std::string_view cyclonedx_schema = "cyclonedx.org/schema/bom";

std::string_view name_of(sbom_kind kind) {
  switch (kind) {
    case sbom_kind::text:
      return "a string";
    case sbom_kind::object:
      return "an object";
    case sbom_kind::array:
      return "an array";
    case sbom_kind::text_or_object:
      return "a string or an object";
    case sbom_kind::one_or_several:
    case sbom_kind::anything:
      break;
  }
  return "something else";
}

constexpr std::uint32_t bit_of(sbom_member which) {
  return std::uint32_t{1} << static_cast<unsigned>(which);
}

sbom_form form_of(const hash_query& query) {
  if (!query.scan_id.empty()) return sbom_form::component_tree;
  return query.format == sbom_format::spdx ? sbom_form::spdx : sbom_form::cyclonedx;
}

std::string_view asked_for(sbom_form form) {
  return form == sbom_form::spdx ? "an SPDX report" : "a CycloneDX report";
}

}  // namespace

sbom_handler::sbom_handler(std::shared_ptr<const hash_query> wanted,
                           std::optional<std::string> subject)
    : form_(form_of(*wanted)),
      place_([this] { return "field \"" + field() + "\""; }),
      findings_(std::move(wanted), form_, std::move(subject)) {}

std::string sbom_handler::field() const {
  std::string path;
  for (std::size_t i = 0; i < depth_; ++i) {
    const frame& level = frames_[i];
    if (is_array(level.what)) {
      path += "[" + std::to_string(level.elements == 0 ? 0 : level.elements - 1) + "]";
    } else if (level.member != sbom_member::none) {
      if (!path.empty()) path += '.';
      path += key_of(form_, level.what, level.member);
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

bool sbom_handler::conclude() {
  const bool tree = form_ == sbom_form::component_tree;
  if (form_ == sbom_form::spdx && !marked_) marked_ = findings_.has_document();
  if (tree && !marked_) marked_ = findings_.has_name_and_path();
  recognised_ = recognised_ || marked_;
  if (!marked_) {
    flaw_ =
        tree ? "the answer is not a tree of components: it has neither components nor a name "
               "and a path"
        : form_ == sbom_form::spdx
            ? "the answer is not an SPDX report: it has no spdxVersion, and no context of SPDX 3"
            : "the answer is not a CycloneDX report: it has no bomFormat";
    return false;
  }
  if (spdx3_ && !has_graph_) {
    flaw_ = "the answer is an SPDX 3 report that has no \"@graph\"";
    return false;
  }
  findings_.conclude();
  if (findings_.changed()) flaw_ = "the report changed while it was read for the second time";
  return flaw_.empty();
}

// Frames

sbom_kind sbom_handler::due() const noexcept {
  if (depth_ == 0) return sbom_kind::object;
  const auto& here = frames_[depth_ - 1];
  return is_array(here.what) ? kind_of_elements(here.what) : kind_of(here.what, here.member);
}

/// What an object that stands here is.
sbom_part sbom_handler::part_of_object() const noexcept {
  // The tree begins with a component, or with an object that holds some, which reads the same.
  if (depth_ == 0) {
    return form_ == sbom_form::component_tree ? sbom_part::component : sbom_part::document;
  }
  const auto& here = frames_[depth_ - 1];
  return is_array(here.what) ? element_of(here.what) : object_of(here.member);
}

/// Whether there is a frame for it, and for what may be in it besides further levels.
bool sbom_handler::has_room(sbom_part next) const noexcept {
  if (next == sbom_part::components) return levels_ < max_levels;
  return next != sbom_part::node || depth_ + 4 < frames_.size();
}

void sbom_handler::push(sbom_part what) {
  assert(depth_ < frames_.size());
  if (what == sbom_part::components) ++levels_;
  if (is_element(what)) findings_.open_element(what);
  if (what == sbom_part::one_checksum) findings_.open_checksum();
  frames_[depth_++] = frame{what};
}

void sbom_handler::pop() {
  if (top().what == sbom_part::components) --levels_;
  --depth_;
  if (depth_ != 0) top().member = sbom_member::none;
}

void sbom_handler::set_aside() { aside_ = 1; }

bool sbom_handler::on_object_begin(error_code& ec) {
  if (aside_ != 0) {
    ++aside_;
    return true;
  }
  const auto wanted = due();
  if (wanted == sbom_kind::anything) {
    set_aside();
    return true;
  }
  if (in_array()) ++top().elements;
  const bool fits = wanted == sbom_kind::object || wanted == sbom_kind::text_or_object ||
                    wanted == sbom_kind::one_or_several;
  if (!fits) {
    if (!wrong_kind("an object", ec)) return false;
    set_aside();
    return true;
  }
  const auto what = part_of_object();
  if (what == sbom_part::nothing) {
    set_aside();
  } else if (!has_room(what)) {
    if (!misfit("too many levels of elements within elements", ec)) return false;
    set_aside();
  } else {
    push(what);
  }
  return true;
}

bool sbom_handler::on_object_end(std::size_t, error_code& ec) {
  if (aside_ != 0) {
    if (--aside_ == 0) top().member = sbom_member::none;
    return true;
  }
  const auto what = top().what;
  top().member = sbom_member::none;
  if (what == sbom_part::one_checksum) findings_.close_checksum(place_);
  if (what == sbom_part::relationship) findings_.close_relationship(place_);
  bool good = true;
  if (is_element(what)) {
    const bool root = what == sbom_part::node && frames_[depth_ - 2].what != sbom_part::graph;
    good = findings_.close_element(root);
  }
  pop();
  return good || fail(ec,
                      "the files that were asked for are in the report more than " +
                          std::to_string(sbom_findings::max_files) + " times",
                      errc::too_large);
}

bool sbom_handler::on_array_begin(error_code& ec) {
  if (aside_ != 0) {
    ++aside_;
    return true;
  }
  const bool whole_tree = depth_ == 0 && form_ == sbom_form::component_tree;
  const auto wanted = whole_tree ? sbom_kind::array : due();
  if (wanted == sbom_kind::anything) {
    set_aside();
    return true;
  }
  if (in_array()) ++top().elements;
  if (wanted != sbom_kind::array && wanted != sbom_kind::one_or_several) {
    if (!wrong_kind("an array", ec)) return false;
    set_aside();
    return true;
  }
  const auto what = whole_tree ? sbom_part::components : array_of(top().member);
  if (!has_room(what)) {
    set_aside();
    return misfit(
        "components within components, more than " + std::to_string(max_levels) + " levels of them",
        ec);
  }
  if (what == sbom_part::graph) has_graph_ = true;
  if (what == sbom_part::components && form_ == sbom_form::component_tree) marked_ = true;
  push(what);
  return true;
}

bool sbom_handler::on_array_end(std::size_t, error_code&) {
  if (aside_ != 0) {
    if (--aside_ == 0) top().member = sbom_member::none;
    return true;
  }
  pop();
  return true;
}

// Scalars

bool sbom_handler::on_other(std::string_view found, error_code& ec) {
  if (aside_ != 0 || due() == sbom_kind::anything) return true;
  if (in_array()) ++top().elements;
  const bool good = wrong_kind(found, ec);
  if (good) top().member = sbom_member::none;
  return good;
}

bool sbom_handler::on_null(error_code& ec) {
  // As good as absent, for a member and among things.
  if (aside_ != 0 || (depth_ != 0 && (!in_array() || due() == sbom_kind::object))) {
    if (aside_ == 0 && in_array()) ++top().elements;
    if (aside_ == 0) top().member = sbom_member::none;
    return true;
  }
  return on_other("null", ec);
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
    here.member = find_sbom_member(form_, here.what, {last.data(), last.size()});
  } else {
    parts_.append(last.data(), last.size());
    here.member = find_sbom_member(form_, here.what, parts_);
  }
  parts_.clear();
  if (here.member == sbom_member::none) return true;
  const auto bit = bit_of(here.member);
  const bool again = (here.seen & bit) != 0;
  here.seen |= bit;
  return !again || repeated(ec);
}

bool sbom_handler::keeps_text() const noexcept {
  if (aside_ != 0) return false;
  const auto wanted = due();
  return wanted == sbom_kind::text || wanted == sbom_kind::text_or_object ||
         wanted == sbom_kind::one_or_several;
}

bool sbom_handler::on_string_part(view part, std::size_t size, error_code&) {
  if (size <= max_text_size && keeps_text()) parts_.append(part.data(), part.size());
  return true;
}

bool sbom_handler::on_string(view last, std::size_t size, error_code& ec) {
  if (aside_ != 0 || due() == sbom_kind::anything) return true;
  if (in_array()) ++top().elements;
  bool good = true;
  if (!keeps_text()) {
    good = wrong_kind("a string", ec);
  } else if (size > max_text_size) {
    good = misfit("a string longer than " + std::to_string(max_text_size) + " bytes", ec);
  } else if (parts_.empty()) {
    good = take_text({last.data(), last.size()}, ec);
  } else {
    parts_.append(last.data(), last.size());
    good = take_text(parts_, ec);
  }
  parts_.clear();
  if (good) top().member = sbom_member::none;
  return good;
}

bool sbom_handler::take_text(std::string_view text, error_code& ec) {
  const auto& here = top();
  switch (here.member) {
    case sbom_member::marker:
    case sbom_member::stranger:
      return read_marker(text, ec);
    case sbom_member::context:
      return read_context(text, ec);
    default:
      break;
  }
  if (here.what == sbom_part::contexts) return read_context(text, ec);
  if (here.what == sbom_part::document && here.member == sbom_member::id) {
    recognised_ = recognised_ || text.starts_with("SPDXRef-");
  }
  if (here.what == sbom_part::described || here.what == sbom_part::roots ||
      here.what == sbom_part::targets) {
    findings_.store_in_list(here.what, text, place_);
  } else if (here.member == sbom_member::checksums) {
    return wrong_kind("a string", ec);
  } else {
    findings_.store(here.what, here.member, text, place_);
  }
  return true;
}

bool sbom_handler::read_marker(std::string_view text, error_code& ec) {
  const bool spdx = (form_ == sbom_form::spdx) == (top().member == sbom_member::marker);
  recognised_ = recognised_ || (spdx ? text.starts_with("SPDX-") : text == "CycloneDX");
  if (top().member == sbom_member::stranger) {
    return !recognised_ ||
           fail(ec, "the answer is " +
                        (spdx ? "an SPDX report (" + printable(text, longest_shown) + ")"
                              : std::string("a CycloneDX report")) +
                        ", where " + std::string(asked_for(form_)) + " was asked for");
  }
  marked_ = recognised_;
  return marked_ || fail(ec, spdx ? "not a version of SPDX" : "not \"CycloneDX\"");
}

bool sbom_handler::read_context(std::string_view text, error_code& ec) {
  if (text.find(cyclonedx_schema) != text.npos) recognised_ = true;
  if (text.find(spdx3_context) == text.npos) return true;
  recognised_ = spdx3_ = true;
  if (form_ != sbom_form::spdx) {
    return fail(ec, "the answer is an SPDX 3 report, where a CycloneDX report was asked for");
  }
  marked_ = true;
  return true;
}

// What does not fit

bool sbom_handler::wrong_kind(std::string_view found, error_code& ec) {
  return misfit(std::string(found) + " where " + std::string(name_of(due())) + " is due", ec);
}

bool sbom_handler::misfit(std::string words, error_code& ec) {
  const auto concern = depth_ == 0 ? sbom_concern::whole : concern_of(top().what, top().member);
  if (concern == sbom_concern::whole) return fail(ec, std::move(words));
  if (concern == sbom_concern::nobody) return true;
  words = place_() + ": " + words;
  switch (concern) {
    case sbom_concern::own:
      findings_.spoil_own(std::move(words));
      break;
    case sbom_concern::everything:
      findings_.spoil_own(words);
      findings_.leave_unread(std::move(words));
      break;
    case sbom_concern::files:
      findings_.leave_unread(std::move(words));
      break;
    case sbom_concern::element:
      findings_.spoil_element(words);
      break;
    default:
      findings_.spoil_checksum(std::move(words));
      break;
  }
  return true;
}

/// A member stands in its object for the second time: the report might mean two things. The first
/// one stands, and whom it concerns is told; but two names are two ways to be asked for.
bool sbom_handler::repeated(error_code& ec) {
  auto& here = top();
  switch (here.member) {
    case sbom_member::name:
      findings_.name_again();
      return true;
    case sbom_member::context:
      return true;
    case sbom_member::from:
    case sbom_member::kind:
    case sbom_member::to:
      findings_.spoil_own(place_() + ": stands here for the second time");
      here.member = sbom_member::none;
      return true;
    case sbom_member::id:
    case sbom_member::type:
      // SPDX 3 has two keys for each.
      if (here.what == sbom_part::node || here.what == sbom_part::one_checksum) return true;
      break;
    default:
      break;
  }
  const bool good = misfit("stands here for the second time", ec);
  here.member = sbom_member::none;
  return good;
}

}  // namespace binarly::domain
