import { describeRefusal, findInstellixError } from '@instellix/core';
import { InjectInstellixClient, InstellixClient } from '@instellix/nestjs-module';
import { InjectInstellixHttpService, InstellixHttpService } from '@instellix/nestjs-module/axios';
import { BadGatewayException, Injectable } from '@nestjs/common';
import { catchError, map, type Observable, throwError } from 'rxjs';

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
    return this.reader.get<{ customers: Customer[] }>('/customers').pipe(
      map(({ data }) => data.customers),
      // An error of ours is for the filter. Any other failure of the API or of the connection is a 502, too.
      catchError((error: unknown) =>
        throwError(
          () => findInstellixError(error) ?? new BadGatewayException('Cannot list customers.', { cause: error }),
        ),
      ),
    );
  }

  async create(name: string): Promise<Customer> {
    const response = await this.writer.fetch('/customers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
      instellix: { requiredScope: 'customers:write' },
    });
    if (response.ok) return (await response.json()) as Customer;
    throw describeRefusal(response) ?? new BadGatewayException(`Cannot create a customer: ${response.status}.`);
  }
}
