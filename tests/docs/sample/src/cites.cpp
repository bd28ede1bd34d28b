// One that stands in wire.md (V-1), and one that does not (V-2).
