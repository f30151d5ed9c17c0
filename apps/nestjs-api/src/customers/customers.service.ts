import { describeRefusal } from '@instellix/core';
import { InjectInstellixClient, InstellixClient } from '@instellix/nestjs-module';
import { InjectInstellixHttpService, InstellixHttpService } from '@instellix/nestjs-module/axios';
import { BadGatewayException, Injectable } from '@nestjs/common';
import { map, type Observable } from 'rxjs';

export interface Customer {
  readonly id: string;
  readonly name: string;
}

@Injectable()
export class CustomersService {
  constructor(
    @InjectInstellixHttpService('reader') private readonly reader: InstellixHttpService,
    @InjectInstellixClient('writer') private readonly writer: InstellixClient,
  ) {}

  list(): Observable<Customer[]> {
    return this.reader.get<{ customers: Customer[] }>('/customers').pipe(map(({ data }) => data.customers));
  }

  async create(name: string): Promise<Customer> {
    const response = await this.writer.fetch('/customers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
      instellix: { requiredScope: 'customers:write' },
    });
    if (response.ok) return (await response.json()) as Customer;
    // Unread, it would keep its connection.
    response.body?.cancel().catch(() => {});
    throw describeRefusal(response) ?? new BadGatewayException(`The API answered ${response.status}.`);
  }
}
