// SPDX-License-Identifier: Apache-2.0
// A table that a phone shows as cards: each cell carries its column's name.
import type { ReactNode } from "react";
import { Icon } from "./icon";

export interface Column<T> {
  key: string;
  name: string;
  cell: (row: T) => ReactNode;
  /** Makes the column sortable. */
  sort?: (a: T, b: T) => number;
  numeric?: boolean;
  /** Its name is for screen readers only. */
  silent?: boolean;
}

export interface Order {
  key: string;
  descending: boolean;
}

interface TableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  order?: Order;
  onOrder?: (order: Order) => void;
}

export function Table<T>({ label, columns, rows, rowKey, order, onOrder }: TableProps<T>) {
  return (
    <div className="table-frame">
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ key, name, sort, numeric, silent }) => {
              const active = order?.key === key;
              const direction = order?.descending ? "descending" : "ascending";
              return (
                <th
                  key={key}
                  scope="col"
                  className={numeric ? "numeric" : undefined}
                  aria-sort={active ? direction : undefined}
                >
                  {sort && onOrder ? (
                    <button
                      type="button"
                      className="sort"
                      onClick={() =>
                        onOrder({ key, descending: active ? !order.descending : Boolean(numeric) })
                      }
                    >
                      {name}
                      <span aria-hidden="true">{active ? (order.descending ? "▾" : "▴") : ""}</span>
                    </button>
                  ) : (
                    <span className={silent ? "unseen" : undefined}>{name}</span>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ key, name, cell, numeric, silent }) => (
                <td key={key} data-name={silent ? "" : name} className={numeric ? "numeric" : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PagerProps {
  summary: string;
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
}

export function Pager({ summary, onPrevious, onNext }: PagerProps) {
  return (
    <nav className="pager" aria-label="Pages of the list">
      <span role="status">{summary}</span>
      {(onPrevious ?? onNext) !== null && (
        <>
          <button
            type="button"
            className="button"
            disabled={onPrevious === null}
            onClick={() => onPrevious?.()}
          >
            <Icon name="left" /> Previous
          </button>
          <button type="button" className="button" disabled={onNext === null} onClick={() => onNext?.()}>
            Next <Icon name="right" />
          </button>
        </>
      )}
    </nav>
  );
}
