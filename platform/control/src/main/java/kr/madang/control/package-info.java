/** The control plane: desired state, permissions, and every verb that a door offers. */
@NullMarked
package kr.madang.control;

import org.jspecify.annotations.NullMarked;
