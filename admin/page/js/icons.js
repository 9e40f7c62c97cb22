// SPDX-License-Identifier: Apache-2.0
// The icons: lines of 20 by 20, drawn for this page.
export const OVERVIEW = "M3 3h6v8H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 13h6v4H3z";
export const CLIENTS = "M3 4h14v9H3zM7 17h6M10 13v4";
export const ADDRESSES = "M4 3h12v5H4zM4 12h12v5H4zM7 5.5h.01M7 14.5h.01M10 8v4";
export const NETWORK = "M8 2h4v4H8zM2 14h4v4H2zM14 14h4v4h-4zM10 6v4M4 14v-4h12v4";
export const ROUTER =
	"M2 11h16v5H2zM5 13.5h.01M8 13.5h.01M10 11V8M6.5 6a5 5 0 0 1 7 0M4.5 3.5a8 8 0 0 1 11 0";
export const USERS =
	"M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5";
export const GUARDS = "M10 2.500l6 2v5c0 4-2.5 6.5-6 8-3.5-1.5-6-4-6-8v-5zM7.5 10l2 2 3.5-4";
export const AUDIT = "M5 2.500h7l3 3v12H5zM8 9h4M8 12h4M8 6h1";
export const CONFIGURATION = "M3 5.500h8M15 5.500h2M3 14.500h2M9 14.500h8M13 3.500v4M7 12.500v4";
export const COPY = "M7 7h9v10H7zM4 13V3h9";
export const DONE = "M4 10.500l4 4 8-9";
export const WARNING = "M10 3l8 14H2zM10 8v4M10 14.500v.01";
export const BACK = "M12 4l-6 6 6 6";
export const LIGHT =
	"M10 6.500a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.500v2M10 16.500v2M1.5 10h2M16.5 10h2M4 4l1.4 1.400M14.6 14.6 16 16M4 16l1.4-1.400M14.6 5.4 16 4";
export const OUT = "M12 3H4v14h8M9 10h9M15 7l3 3-3 3";
export const PLUS = "M10 4v12M4 10h12";
export const CAPTURE = "M10 3v9M6.5 8.500l3.5 3.5 3.5-3.500M3 13v4h14v-4";
