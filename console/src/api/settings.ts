// SPDX-License-Identifier: Apache-2.0
// Configs and secrets, of the account or of one device, behind one shape. A secret's value is never in any answer.
import { api, form, type Meta, take, takeAll } from "./client";

export type SettingKind = "configs" | "secrets";

export interface SettingPlace {
  kind: SettingKind;
  device?: string;
}

export interface Setting {
  key: string;
  value?: string;
  date: string;
}

interface Item {
  key: string;
  value?: string;
  date_updated?: string;
  date_rotated?: string;
}

const toSetting = (item: Item): Setting => ({
  key: item.key,
  ...(item.value === undefined ? {} : { value: item.value }),
  date: item.date_updated ?? item.date_rotated ?? "",
});

function listPage(
  { kind, device }: SettingPlace,
  PageToken?: string,
): Promise<{ items: Item[]; meta: Meta }> {
  const query = { PageSize: 1000, ...(PageToken === undefined ? {} : { PageToken }) };
  const configs = ({ configs: items, meta }: { configs: Item[]; meta: Meta }) => ({ items, meta });
  const secrets = ({ secrets: items, meta }: { secrets: Item[]; meta: Meta }) => ({ items, meta });
  if (device === undefined) {
    return kind === "configs"
      ? take(api.GET("/v1/Configs", { params: { query } })).then(configs)
      : take(api.GET("/v1/Secrets", { params: { query } })).then(secrets);
  }
  const params = { query, path: { sid: device } };
  return kind === "configs"
    ? take(api.GET("/v1/Devices/{sid}/Configs", { params })).then(configs)
    : take(api.GET("/v1/Devices/{sid}/Secrets", { params })).then(secrets);
}

export async function listSettings(place: SettingPlace): Promise<Setting[]> {
  return (await takeAll((token) => listPage(place, token))).map(toSetting);
}

export function createSetting({ kind, device }: SettingPlace, Key: string, Value: string): Promise<unknown> {
  const body = form({ Key, Value });
  if (device === undefined) {
    return kind === "configs"
      ? take(api.POST("/v1/Configs", { body }))
      : take(api.POST("/v1/Secrets", { body }));
  }
  const params = { path: { sid: device } };
  return kind === "configs"
    ? take(api.POST("/v1/Devices/{sid}/Configs", { params, body }))
    : take(api.POST("/v1/Devices/{sid}/Secrets", { params, body }));
}

export function updateSetting({ kind, device }: SettingPlace, key: string, Value: string): Promise<unknown> {
  const body = form({ Value });
  if (device === undefined) {
    const params = { path: { key } };
    return kind === "configs"
      ? take(api.POST("/v1/Configs/{key}", { params, body }))
      : take(api.POST("/v1/Secrets/{key}", { params, body }));
  }
  const params = { path: { sid: device, key } };
  return kind === "configs"
    ? take(api.POST("/v1/Devices/{sid}/Configs/{key}", { params, body }))
    : take(api.POST("/v1/Devices/{sid}/Secrets/{key}", { params, body }));
}

export function deleteSetting({ kind, device }: SettingPlace, key: string): Promise<unknown> {
  if (device === undefined) {
    const params = { path: { key } };
    return kind === "configs"
      ? take(api.DELETE("/v1/Configs/{key}", { params }))
      : take(api.DELETE("/v1/Secrets/{key}", { params }));
  }
  const params = { path: { sid: device, key } };
  return kind === "configs"
    ? take(api.DELETE("/v1/Devices/{sid}/Configs/{key}", { params }))
    : take(api.DELETE("/v1/Devices/{sid}/Secrets/{key}", { params }));
}
