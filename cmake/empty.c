/* Keeps a layer that has no source file yet linkable.
 * SPDX-License-Identifier: Apache-2.0 */
typedef int iw_translation_unit_is_not_empty;
